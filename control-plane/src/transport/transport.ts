import type { Clock } from '@headgate/shared/clock';
import type { ReadableValue } from '@headgate/shared/latest-value';
import type { Logger } from '@headgate/shared/logger';
import type { ServerTlsMaterial } from '@headgate/shared/tls/tls-material';
import type { Registry } from 'prom-client';
import type { TlsListener } from '../config/tls-settings.ts';
import { registerTlsMetrics } from '../telemetry/tls-metrics.ts';
import { HandshakeFailures } from './handshake-failures.ts';
import type { ListenerTlsFiles } from './open-tls-files.ts';

export interface TransportOptions {
  readonly files: ListenerTlsFiles;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a listener is made with. */
export interface ListenerTransport {
  /** Undefined for plain text. */
  readonly tls: ReadableValue<ServerTlsMaterial> | undefined;
  readonly handshakes: HandshakeFailures;
}

/** Keeps the TLS files of the listeners up to date, and counts what goes wrong with them. */
export class Transport {
  readonly #files: ListenerTlsFiles;
  readonly #handshakes: Readonly<Record<TlsListener, HandshakeFailures>>;

  private constructor({ files, registry, clock, logger }: TransportOptions) {
    this.#files = files;
    const counter = registerTlsMetrics(registry, files);
    const failuresOf = (listener: TlsListener): HandshakeFailures =>
      new HandshakeFailures({ listener, clock, logger, counter });
    this.#handshakes = { api: failuresOf('api'), grpc: failuresOf('grpc') };
  }

  /** Begins to watch the files. */
  static start(options: TransportOptions): Transport {
    for (const files of options.files.values()) files.start();
    return new Transport(options);
  }

  of(listener: TlsListener): ListenerTransport {
    return { tls: this.#files.get(listener)?.material, handshakes: this.#handshakes[listener] };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((files) => files.close()));
  }
}
