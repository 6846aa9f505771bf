import type { ProxyMetrics } from '../proxy-metrics.ts';
import type { DateField } from './date-field.ts';
import type { Outbox } from './outbox.ts';
import type { TimerWheel } from './timer-wheel.ts';
import type { UpstreamPool } from './upstream-pool.ts';

/** Something that `close` cuts. */
export interface OpenTunnel {
  close(): void;
}

/** What all requests of an engine share. */
export interface EngineParts {
  readonly wheel: TimerWheel;
  readonly pool: UpstreamPool;
  readonly date: DateField;
  readonly outbox: Outbox;
  readonly metrics: ProxyMetrics;
  readonly tunnels: Set<OpenTunnel>;
  /** From then on every answer says that the connection closes. */
  isDraining: boolean;
  /** From then on connections close after their answer, whatever it said. */
  isStopping: boolean;
}
