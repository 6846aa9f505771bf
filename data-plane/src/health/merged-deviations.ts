import type { Deviation, DeviationSource } from '../sync/deviation-source.ts';

/** What probes and what requests say about servers, as one: a server may be known to be bad by both. */
export class MergedDeviations implements DeviationSource {
  readonly #probed: DeviationSource;
  readonly #ejected: DeviationSource;

  constructor(sources: { readonly probed: DeviationSource; readonly ejected: DeviationSource }) {
    this.#probed = sources.probed;
    this.#ejected = sources.ejected;
  }

  *all(): Iterable<Deviation> {
    for (const deviation of this.#probed.all()) yield merged(deviation, this.#ejected.get(deviation.server));
    for (const deviation of this.#ejected.all()) if (this.#probed.get(deviation.server) === undefined) yield deviation;
  }

  get(server: string): Deviation | undefined {
    const probed = this.#probed.get(server);
    const ejected = this.#ejected.get(server);
    return probed === undefined ? ejected : merged(probed, ejected);
  }

  onChange(listener: (server: string) => void): () => void {
    const stops = [this.#probed.onChange(listener), this.#ejected.onChange(listener)];
    return () => {
      for (const stop of stops) stop();
    };
  }
}

/** The probes' error says more; it has got no requests since the earlier of both. */
function merged(probed: Deviation, ejected: Deviation | undefined): Deviation {
  if (ejected === undefined) return probed;
  return { ...probed, ejected: true, sinceMs: Math.min(probed.sinceMs, ejected.sinceMs) };
}
