import type { Deviation, DeviationSource } from '../sync/deviation-source.ts';
import { MergedDeviations } from './merged-deviations.ts';

/** Deviations that are set by hand. */
class Source implements DeviationSource {
  readonly #deviations = new Map<string, Deviation>();
  readonly #listeners = new Set<(server: string) => void>();

  set(server: string, sinceMs: number | undefined, lastError = '', ejected = false): void {
    if (sinceMs === undefined) this.#deviations.delete(server);
    else
      this.#deviations.set(server, { server, verdict: 'unhealthy', sinceMs, lastError, ...(ejected && { ejected }) });
    for (const listener of this.#listeners) listener(server);
  }

  all() {
    return this.#deviations.values();
  }

  get(server: string) {
    return this.#deviations.get(server);
  }

  onChange(listener: (server: string) => void) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function setUp() {
  const [probed, ejected] = [new Source(), new Source()];
  return { probed, ejected, merged: new MergedDeviations({ probed, ejected }) };
}

describe('MergedDeviations', () => {
  it('says each server once, whoever says it is bad', () => {
    const { probed, ejected, merged } = setUp();
    probed.set('a', 10, 'status 503');
    probed.set('b', 20, 'timeout');
    ejected.set('b', 15, 'ejected', true);
    ejected.set('c', 30, 'ejected', true);
    const expected = [
      { server: 'a', verdict: 'unhealthy', sinceMs: 10, lastError: 'status 503' },
      { server: 'b', verdict: 'unhealthy', sinceMs: 15, lastError: 'timeout', ejected: true },
      { server: 'c', verdict: 'unhealthy', sinceMs: 30, lastError: 'ejected', ejected: true },
    ];
    expect([...merged.all()]).toEqual(expected);
    expect(['a', 'b', 'c', 'd'].map((server) => merged.get(server))).toEqual([...expected, undefined]);
  });

  it('hears both, until it is told to stop', () => {
    const { probed, ejected, merged } = setUp();
    const heard: string[] = [];
    const stop = merged.onChange((server) => heard.push(server));
    probed.set('a', 1);
    ejected.set('b', 1);
    ejected.set('b', undefined);
    stop();
    probed.set('a', undefined);
    ejected.set('c', 1);
    expect(heard).toEqual(['a', 'b', 'b']);
  });
});
