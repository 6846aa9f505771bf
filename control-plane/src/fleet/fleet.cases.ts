import { ManualClock } from '@headgate/shared/manual-clock';
import { ConfigurationHistory } from '../snapshot/configuration-history.cases.ts';
import type { FleetLimits } from './fleet-limits.ts';
import type { Introduction } from './fleet-member.ts';
import { FleetRegister } from './fleet-register.ts';
import type { DataPlaneRecord, DataPlaneState } from './fleet-state.ts';
import { stateOf } from './state-of.ts';

/** A register with a store that it follows and a clock to move, for tests. */
export class TestFleet {
  readonly clock = new ManualClock();
  readonly history = new ConfigurationHistory();
  readonly register: FleetRegister;

  constructor(limits: Partial<FleetLimits> = {}) {
    this.register = new FleetRegister({ newest: this.history.log.latest, clock: this.clock, limits });
  }

  /** A data plane that holds a version of this epoch; 0 is nothing. */
  join(id: string, version = 0, extra: Partial<Introduction> = {}): void {
    const held = version === 0 ? { epoch: '', version: 0 } : { epoch: 'epoch-1', version };
    const process = { processUuid: `uuid-${id}`, softwareVersion: '1', threads: 1, labels: {} };
    this.register.joined({ id, held, ...process, ...extra });
  }

  ack(id: string, version: number): void {
    this.register.acked(id, { epoch: 'epoch-1', version });
  }

  record(id: string): DataPlaneRecord {
    const record = this.register.fleet.value.get(id);
    if (record === undefined) throw new Error(`${id} is not known`);
    return record;
  }

  state(id: string): DataPlaneState {
    return stateOf(this.record(id), this.history.newest.id);
  }
}
