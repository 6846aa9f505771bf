import type { TlsFiles } from '@headgate/shared/tls/tls-files';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What is looked at when metrics are asked for; undefined where there are no TLS files. */
export type ObservedTlsFiles = Pick<TlsFiles, 'material' | 'refusals'> | undefined;

/** The connection to control planes; the control plane's listeners have other names under the same metrics. */
const listener = 'control-plane';

/** Registers what tells of the TLS files in use. */
export function exportTlsMetrics(registry: Registry, files: ObservedTlsFiles): void {
  const common = { labelNames: ['listener'] as const, registers: [registry] };
  new Gauge({
    ...common,
    name: 'headgate_tls_certificate_not_after_seconds',
    help: 'Until when the TLS certificate in use is valid, Unix time, by listener (control-plane: shown to control planes)',
    collect() {
      const notAfterMs = files?.material.value.identity?.notAfterMs;
      if (notAfterMs !== undefined) this.set({ listener }, notAfterMs / 1_000);
    },
  });
  new Counter({
    ...common,
    name: 'headgate_tls_reload_failures_total',
    help: 'Changes of TLS files that could not be used, so that the old ones stayed, by listener',
    collect() {
      this.reset();
      if (files !== undefined) this.inc({ listener }, files.refusals);
    },
  });
}
