import type { DeviationVerdict } from './fleet-state.ts';
import type { Standing } from './standing.ts';

/** A server of which somebody says, or has said before it went, something other than healthy; or that flaps. */
export class ServerStatements {
  readonly backend: string;
  readonly endpoint: string;
  unhealthy = 0;
  ejected = 0;
  unknown = 0;
  /** Statements of those who have no say: they have gone, or serve another store. */
  stale = 0;
  flapping = 0;
  /** As it was last judged; undefined while it is not configured. */
  standing: Standing | undefined;
  /** Unix time in milliseconds since which it stands so; undefined when that was before the first statement. */
  since: number | undefined;

  constructor(backend: string, endpoint: string) {
    this.backend = backend;
    this.endpoint = endpoint;
  }

  /** `backend/address:port` */
  get key(): string {
    return `${this.backend}/${this.endpoint}`;
  }

  /** Whether nobody says anything any more. */
  get isEmpty(): boolean {
    return this.unhealthy + this.ejected + this.unknown + this.stale + this.flapping === 0;
  }

  /** One statement more, or less, of somebody who has a say or has none. */
  count(verdict: DeviationVerdict, hasSay: boolean, by: 1 | -1): void {
    if (hasSay) this[verdict] += by;
    else this.stale += by;
  }
}
