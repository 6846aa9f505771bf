import type { TlsFiles } from '@headgate/shared/tls/tls-files';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What is looked at of TLS files when metrics are asked for. */
export type ObservedTlsFiles = Pick<TlsFiles, 'material' | 'refusals'>;

/** Registers what tells of the TLS files in use, by listener, and returns the counter of failed handshakes. */
export function registerTlsMetrics(
  registry: Registry,
  files: ReadonlyMap<string, ObservedTlsFiles>,
): Counter<'listener'> {
  const common = { labelNames: ['listener'] as const, registers: [registry] };
  new Gauge({
    ...common,
    name: 'headgate_tls_certificate_not_after_seconds',
    help: 'Until when the TLS certificate in use is valid, Unix time, by listener',
    collect() {
      for (const [listener, { material }] of files)
        if (material.value.identity !== undefined) this.set({ listener }, material.value.identity.notAfterMs / 1_000);
    },
  });
  new Counter({
    ...common,
    name: 'headgate_tls_reload_failures_total',
    help: 'Changes of TLS files that could not be used, so that the old ones stayed, by listener',
    collect() {
      this.reset();
      for (const [listener, { refusals }] of files) this.inc({ listener }, refusals);
    },
  });
  return new Counter({
    ...common,
    name: 'headgate_tls_handshake_failures_total',
    help: 'Connections that never became usable: no TLS, no trust, or plain text met TLS, by listener',
  });
}
