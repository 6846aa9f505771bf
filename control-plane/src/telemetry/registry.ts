import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** A registry with what every process tells of itself (`process_…`, `nodejs_…`) and which release it is. */
export function createRegistry(softwareVersion: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const build = new Gauge({
    name: 'headgate_build_info',
    help: 'Always 1; the label says which release this is',
    labelNames: ['version'],
    registers: [registry],
  });
  build.set({ version: softwareVersion }, 1);
  return registry;
}
