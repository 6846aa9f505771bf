import { ManualClock } from '@headgate/shared/manual-clock';
import { coreFixture } from '../conformance/core-fixture.ts';
import { Stage } from '../conformance/stage.ts';
import type { ForwarderOptions } from '../forwarder-options.ts';
import { HttpProxyForwarder } from './http-proxy-forwarder.ts';

/** A stage on which this engine plays, and time passes for it only when told to. */
export class EngineStage extends Stage {
  readonly clock: ManualClock;
  /** What the engine was made with last. */
  options: ForwarderOptions | undefined;

  constructor(clock = new ManualClock()) {
    super(
      coreFixture((options) => {
        this.options = { ...options, clock };
        return new HttpProxyForwarder(this.options);
      }),
    );
    this.clock = clock;
  }

  /** Lets time pass as soon as the engine waits for it to. */
  async pass(milliseconds: number, timers = 1): Promise<void> {
    await this.eventually(() => this.clock.pending >= timers, `${timers} timers to be set`);
    this.clock.advance(milliseconds);
  }
}
