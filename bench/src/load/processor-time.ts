import { processorMicros } from '../machine/process-cost.ts';
import { wrk, type WrkFigures, type WrkOptions } from './wrk.ts';

export interface Cost extends WrkFigures {
  /** Processor time of the proxy, its children and threads, for one request. */
  readonly microsPerRequest: number;
}

/** Loads a proxy and says what a request cost it. */
export async function processorTime(proxy: { readonly pid: number }, load: WrkOptions): Promise<Cost> {
  const before = processorMicros(proxy.pid);
  const figures = await wrk(load);
  return { ...figures, microsPerRequest: (processorMicros(proxy.pid) - before) / figures.requests };
}
