import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import type { Checked } from '@headgate/shared/model/fault';
import { TlsFiles } from '@headgate/shared/tls/tls-files';
import type { ServerTlsMaterial } from '@headgate/shared/tls/tls-material';
import type { Settings } from '../config/settings.ts';
import { tlsSourcesOf, type TlsListener } from '../config/tls-settings.ts';

/** The TLS files of the listeners that have some; the others speak plain text. */
export type ListenerTlsFiles = ReadonlyMap<TlsListener, TlsFiles<ServerTlsMaterial>>;

export interface OpenTlsFilesOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Reads and checks the TLS files that the settings name: every fault of all of them, or files to be started. */
export async function openTlsFiles(
  settings: Settings,
  { clock, logger }: OpenTlsFilesOptions,
): Promise<Checked<ListenerTlsFiles>> {
  const opened = new Map<TlsListener, TlsFiles<ServerTlsMaterial>>();
  const faults = [];
  for (const listener of ['api', 'grpc'] as const) {
    const sources = tlsSourcesOf(settings, listener);
    if (sources === undefined) continue;
    const files = await TlsFiles.forServer(sources, { clock, logger: logger.child({ listener }) });
    if (files.ok) opened.set(listener, files.value);
    else faults.push(...files.faults);
  }
  return faults.length === 0 ? { ok: true, value: opened } : { ok: false, faults };
}
