import { errorCode } from '@headgate/shared/error-code';
import { SourceError, type SourceEntry, type SourceSink } from '../source.ts';
import type { PollerListener } from './service-poller.ts';

/**
 * Puts the instances of all services together. Nothing is delivered before each was read once. A service that fails keeps
 * what was read of it last, and the others go on; while one fails, a delivery comes of a change only, because each
 * delivery says that all is well.
 */
export class JoinedServices implements PollerListener {
  readonly #sink: SourceSink<readonly SourceEntry[]>;
  /** By service, in the order of the document; undefined until it is read. */
  readonly #entries: Map<string, readonly SourceEntry[] | undefined>;
  readonly #failing = new Set<string>();

  constructor(services: readonly string[], sink: SourceSink<readonly SourceEntry[]>) {
    this.#sink = sink;
    this.#entries = new Map(services.map((service) => [service, undefined]));
  }

  read(service: string, { entries, changed }: Parameters<PollerListener['read']>[1]): void {
    this.#entries.set(service, entries);
    this.#failing.delete(service);
    if (this.#failing.size > 0 && !changed) return;
    const all = [...this.#entries.values()];
    if (all.every((known) => known !== undefined)) this.#sink.deliver(all.flat());
  }

  failed(service: string, error: unknown): void {
    this.#failing.add(service);
    this.#sink.failed(new SourceError(`service ${service}: ${reasonOf(error)}`, { cause: error }));
  }
}

/** Of what Node says of a connection, the code alone. */
function reasonOf(error: unknown): string {
  return error instanceof SourceError ? error.message : `Consul cannot be reached (${errorCode(error)})`;
}
