import type { Publication } from '../routing/serving-state.ts';
import type { ProxyMetrics } from './proxy-metrics.ts';

/** Drops what was counted of backends that a new table has not any more. */
export function forgetLeftBackends(
  metrics: ProxyMetrics,
  { before, after, changedBackends }: Pick<Publication, 'before' | 'after' | 'changedBackends'>,
): void {
  for (const name of changedBackends)
    if (before.backends.has(name) && !after.backends.has(name)) metrics.forgetBackend(name);
}
