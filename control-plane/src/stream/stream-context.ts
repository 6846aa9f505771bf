import type { Clock } from '@headgate/shared/clock';
import type { ReadableValue } from '@headgate/shared/latest-value';
import type { Logger } from '@headgate/shared/logger';
import type { FleetLoad } from '../fleet/fleet-load.ts';
import type { FleetQuestions } from '../fleet/fleet-questions.ts';
import type { FleetRegister } from '../fleet/fleet-register.ts';
import type { SessionKeySet } from '../session-keys/session-key.ts';
import type { SnapshotLog } from '../snapshot/snapshot-log.ts';
import type { StreamMetrics } from './stream-metrics.ts';
import type { UpdateCache } from './update-cache.ts';

/** What every stream of one server works with. */
export interface StreamContext {
  readonly log: SnapshotLog;
  readonly cache: UpdateCache;
  /** With their secrets. */
  readonly sessionKeys: ReadableValue<SessionKeySet>;
  readonly register: FleetRegister;
  /** Undefined when nobody wants to know; data planes are told so. */
  readonly load: Pick<FleetLoad, 'report'> | undefined;
  /** Where streams put themselves in to be asked. */
  readonly questions: FleetQuestions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: StreamMetrics;
  readonly softwareVersion: string;
}
