import type { Server } from 'node:tls';
import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import type { Counter } from 'prom-client';
import type { TlsListener } from '../config/tls-settings.ts';

export interface HandshakeFailuresOptions {
  readonly listener: TlsListener;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counter: Counter<'listener'>;
}

/** What a failed connection shows of itself. */
interface FailedConnection {
  readonly remoteAddress?: string | undefined;
  /** Why the client's certificate was not believed. */
  readonly authorizationError?: unknown;
}

/** The same failure is logged as a warning again after so long. */
const REPEAT_MS = 60_000;

/** Client errors that say nothing about a setting: port scans, probes of balancers, callers who left. */
const quiet: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

const byCode: Readonly<Record<string, string>> = {
  ERR_SSL_HTTP_REQUEST: 'plain HTTP came to a TLS port; the client must use https',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what came is not TLS, or of no version that is spoken here (1.2 and 1.3)',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'the client speaks no version of TLS that is spoken here (1.2 and 1.3)',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'the client showed no certificate',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the client does not believe the authority of our certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'the client takes our certificate for expired',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'the client does not accept our certificate',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'the client did not shake hands in time',
};

/**
 * Counts and logs connections that never become usable, because one side speaks TLS and the other does not or because
 * they do not trust each other. Each reason is a warning once a minute, so that a scanner does not fill the disk.
 */
export class HandshakeFailures {
  readonly #options: HandshakeFailuresOptions;
  readonly #warnedAt = new Map<string, number>();

  constructor(options: HandshakeFailuresOptions) {
    this.#options = options;
    options.counter.inc({ listener: options.listener }, 0);
  }

  /** Notes the failed handshakes of a server of node:tls, node:https or node:http2. */
  watch(server: Pick<Server, 'prependListener'>): void {
    // Ahead of whoever takes the socket away, and its address with it.
    server.prependListener('tlsClientError', (error, socket) =>
      this.note(reasonOf(error, socket), socket.remoteAddress),
    );
  }

  /** Notes another failure. The reason is one of a few texts, and holds nothing that the client has sent. */
  note(reason: string, remote: string | undefined): void {
    const { listener, clock, logger, counter } = this.#options;
    counter.inc({ listener });
    const now = clock.monotonic();
    const warnedAt = this.#warnedAt.get(reason);
    const again = quiet.has(reason) || (warnedAt !== undefined && now - warnedAt < REPEAT_MS);
    if (!again) this.#warnedAt.set(reason, now);
    logger[again ? 'debug' : 'warn']({ listener, remote, reason }, 'a connection failed before it was usable');
  }
}

/** One of a bounded set of texts: nothing that the client has sent. */
function reasonOf(error: Error, { authorizationError }: FailedConnection): string {
  if (authorizationError) return `the client's certificate is not believed (${textOf(authorizationError)})`;
  const code = 'code' in error ? String(error.code) : 'unknown';
  return byCode[code] ?? code;
}

/** Node declares an error, and gives the code as a text. */
function textOf(authorizationError: unknown): string {
  return authorizationError instanceof Error ? authorizationError.message : String(authorizationError);
}
