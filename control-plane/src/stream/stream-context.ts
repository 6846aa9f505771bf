import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import type { FleetRegister } from '../fleet/fleet-register.ts';
import type { SnapshotLog } from '../snapshot/snapshot-log.ts';
import type { StreamMetrics } from './stream-metrics.ts';
import type { UpdateCache } from './update-cache.ts';

/** What every stream of one server works with. */
export interface StreamContext {
  readonly log: SnapshotLog;
  readonly cache: UpdateCache;
  readonly register: FleetRegister;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: StreamMetrics;
  readonly softwareVersion: string;
}
