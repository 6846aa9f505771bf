import type { Clock } from '@headgate/shared/clock';
import type { ReadableValue } from '@headgate/shared/latest-value';
import type { FleetRegister } from '../fleet/fleet-register.ts';
import type { Intent } from '../intent/intent.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Readiness } from './readiness.ts';

/** The rooms that operations speak to; each names those that it needs. */
export interface ApiRooms {
  readonly intent: Intent;
  /** What data planes are to serve. */
  readonly newest: ReadableValue<Snapshot>;
  readonly register: FleetRegister;
  readonly readiness: Readiness;
  /** The metrics in Prometheus' text format. */
  readonly metrics: MetricsText;
  readonly clock: Clock;
}

export interface MetricsText {
  readonly contentType: string;
  metrics(): Promise<string>;
}
