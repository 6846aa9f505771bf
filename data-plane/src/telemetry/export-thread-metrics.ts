import { Counter, Gauge, type Registry } from 'prom-client';

export interface ThreadMetricsSource {
  /** Threads that accept requests. */
  readonly listening: () => number;
  readonly replaced: () => number;
}

/** Registers what is known of the threads that serve traffic. */
export function exportThreadMetrics(registry: Registry, { listening, replaced }: ThreadMetricsSource): void {
  const registers = [registry];
  new Gauge({
    name: 'headgate_threads',
    help: 'Threads that serve traffic',
    registers,
    collect() {
      this.set(listening());
    },
  });
  new Counter({
    name: 'headgate_thread_replacements_total',
    help: 'Threads that have taken the place of one that had ended',
    registers,
    collect() {
      this.reset();
      this.inc(replaced());
    },
  });
}
