export type HttpVersion = '1.0' | '1.1';

/** A request's head by itself. */
export interface PlainHead {
  readonly method: string;
  /** As sent: origin form, absolute form or `*`. */
  readonly target: string;
  readonly version: HttpVersion;
  /** Names and values in turn, as sent. */
  readonly rawHeaders: readonly string[];
  readonly clientAddress: string;
  readonly clientPort: number;
  /** Whether the client came over TLS. */
  readonly encrypted: boolean;
  /** Whether it asks for a WebSocket. */
  readonly upgrade: boolean;
}

/** An answer that Headgate gives itself. */
export interface OwnAnswer {
  readonly status: number;
  /** snake_case, for machines: unknown_host, no_healthy_server, connect_timeout… */
  readonly reason: string;
  /** Further fields, such as Retry-After. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the connection must be closed after it. */
  readonly close: boolean;
}
