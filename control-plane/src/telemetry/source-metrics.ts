import { Counter, Gauge, type Registry } from 'prom-client';
import { sourceStates } from '../sources/source-status.ts';
import type { Sources } from '../sources/sources.ts';

/** Registers metrics that read how sources do when they are asked for. Series are by type: there may be very many sources. */
export function registerSourceMetrics(registry: Registry, sources: Pick<Sources, 'list'>): void {
  const registers = [registry];
  gauge('headgate_sources', 'Sources of servers and documents, by type and state', ['type', 'state'], (set) => {
    const listed = sources.list();
    for (const type of new Set(listed.map((source) => source.type))) {
      for (const state of sourceStates) {
        const count = listed.filter((source) => source.type === type && source.status.state === state).length;
        set({ type, state }, count);
      }
    }
  });
  gauge('headgate_source_entries', 'Servers that sources bring, by type', ['type'], (set) => {
    for (const [type, own] of byType()) set({ type }, sum(own.map(({ status }) => status.entries)));
  });
  gauge(
    'headgate_source_skipped_entries',
    'Entries of sources that are not valid and left out, by type',
    ['type'],
    (set) => {
      for (const [type, own] of byType()) set({ type }, sum(own.map(({ status }) => status.skipped)));
    },
  );
  new Counter({
    name: 'headgate_source_failures_total',
    help: 'Attempts to read sources that have failed, by type, of the sources that there are',
    labelNames: ['type'],
    registers,
    collect() {
      this.reset();
      for (const [type, own] of byType()) this.inc({ type }, sum(own.map(({ status }) => status.failures)));
    },
  });

  function byType(): Map<string, ReturnType<Sources['list']>> {
    return Map.groupBy(sources.list(), ({ type }) => type);
  }

  function gauge(
    name: string,
    help: string,
    labelNames: string[],
    collect: (set: (labels: Record<string, string>, value: number) => void) => void,
  ): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        collect((labels, value) => this.set(labels, value));
      },
    });
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
