import type { Clock } from '@headgate/shared/clock';
import type { IsTrustedProxy } from '@headgate/shared/forwarded/trusted-proxies';
import type { ReadableValue } from '@headgate/shared/latest-value';
import type { AuditLog } from '../access/audit-log.ts';
import type { JoinTokens } from '../access/join-tokens.ts';
import type { TokenRegister } from '../access/token-register.ts';
import type { Backups } from '../backup/backups.ts';
import type { EventListeners } from '../events/event-listeners.ts';
import type { FleetHealth } from '../fleet/fleet-health.ts';
import type { FleetLoad } from '../fleet/fleet-load.ts';
import type { FleetQuestions } from '../fleet/fleet-questions.ts';
import type { FleetRegister } from '../fleet/fleet-register.ts';
import type { Desired } from '../desired/desired.ts';
import type { DocumentReader } from '../intent/document-reader.ts';
import type { Intent } from '../intent/intent.ts';
import type { Membership } from '../membership/membership.ts';
import type { Registrations } from '../registration/registrations.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { SessionKeys } from '../session-keys/session-keys.ts';
import type { Sources } from '../sources/sources.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Readiness } from './readiness.ts';

/** The rooms that operations speak to; each names those that it needs. */
export interface ApiRooms {
  readonly intent: Intent;
  /** What is to be served, whoever wrote or brought it. */
  readonly desired: Pick<Desired, 'state'>;
  readonly membership: Membership;
  /** Reads the content of requests. */
  readonly documents: DocumentReader;
  /** What data planes are to serve. */
  readonly newest: ReadableValue<Snapshot>;
  readonly register: FleetRegister;
  /** How data planes are asked. */
  readonly questions: FleetQuestions;
  /** What data planes say of servers. */
  readonly health: FleetHealth;
  /** What data planes have in flight at servers. */
  readonly load: FleetLoad;
  readonly listeners: EventListeners;
  readonly registrations: Registrations;
  /** How the requests of article 004's servers are taken. */
  readonly upstream: Upstream;
  /** The places that servers come from by themselves. */
  readonly sources: Pick<Sources, 'list' | 'layer'>;
  readonly secrets: Secrets;
  readonly sessionKeys: SessionKeys;
  readonly backups: Backups;
  readonly readiness: Readiness;
  readonly tokens: TokenRegister;
  readonly joinTokens: JoinTokens;
  readonly audit: AuditLog;
  /** The metrics in Prometheus' text format. */
  readonly metrics: MetricsText;
  readonly clock: Clock;
}

export interface Upstream {
  /** The backend of requests that name none; undefined: they must. */
  readonly defaultBackend: string | undefined;
  /** Whose word about the client's address is taken. */
  readonly isTrustedProxy: IsTrustedProxy;
  /** Requests that all data planes together have in flight at `backend/address:port`. */
  readonly inFlight: (serverKey: string) => number;
}

export interface MetricsText {
  readonly contentType: string;
  metrics(): Promise<string>;
}
