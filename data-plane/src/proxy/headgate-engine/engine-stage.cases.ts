import { ManualClock } from '@headgate/shared/manual-clock';
import { coreFixture } from '../conformance/core-fixture.ts';
import { Stage } from '../conformance/stage.ts';
import { HeadgateForwarder } from './headgate-forwarder.ts';

/** A stage on which this engine plays, and time passes for it only when told to. */
export class EngineStage extends Stage {
  readonly clock: ManualClock;

  constructor(clock = new ManualClock()) {
    super(coreFixture((options) => new HeadgateForwarder({ ...options, clock })));
    this.clock = clock;
  }
}
