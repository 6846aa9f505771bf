import type { Backend } from '@headgate/shared/model/backend';
import type { ServerSlot } from '../upstream/server-slots.ts';
import type { AnswerBlock } from './answer-block.ts';
import type { HttpVersion, OwnAnswer, PlainHead } from './message.ts';
import type { RequestBlock } from './request-block.ts';

export type { HttpVersion, OwnAnswer } from './message.ts';

/**
 * The contract between an engine, which owns the listener and the bytes, and the core, which decides.
 *
 * 1. The engine reads a request head. What is not valid HTTP, or beyond its limits, it hands to `refuse`, which counts
 *    and logs it and says what to answer.
 * 2. Else it calls `decide(head)`: an answer to give, or an exchange to carry out.
 * 3. For each attempt it asks `exchange.next()` for a server, or waits for its turn, connects, and sends. When an attempt
 *    brought no byte of an answer it says so (`failure`) and asks again; the core says when there is nobody left, or when the
 *    request must not be sent again.
 * 4. It calls the life-cycle hooks; `end` exactly once, however the request ends.
 * Nothing of Node's own HTTP types passes through here, so that every engine can keep it.
 */
export interface RequestHead extends PlainHead {
  /**
   * What is remembered of these same fields: of an engine that read the same ones on this connection before. Never that of
   * another connection.
   */
  readonly block?: RequestBlock | undefined;
}

/** An answer that is not forwarded for, and its accounting. */
export interface AnswerDecision {
  readonly kind: 'answer';
  readonly answer: OwnAnswer;
  readonly exchange: Exchange;
}

export type Decision = AnswerDecision | { readonly kind: 'forward'; readonly exchange: ForwardExchange };

/** Decides about one request. Does no I/O and never throws. */
export type Decide = (head: RequestHead) => Decision;

/** Something that came from a client and is no request that could be decided about. */
export interface RefusedRequest {
  readonly answer: OwnAnswer;
  readonly clientAddress: string;
  /** As far as they are known, else "". */
  readonly method: string;
  readonly target: string;
}

/** Opens the accounting of a refused request. */
export type Refuse = (refused: RefusedRequest) => AnswerDecision;

/** How a request ended. */
export type Outcome =
  | { readonly kind: 'complete' }
  /** The client went away. */
  | { readonly kind: 'client_aborted' }
  /** The server failed after its answer had begun: the client sees a truncated answer. */
  | { readonly kind: 'truncated'; readonly reason: string }
  /** A tunnel ended by either side. */
  | { readonly kind: 'tunnel_closed' };

/** Bytes of content, without heads: what came from the client and what was sent to it. In tunnels, all bytes. */
export interface TransferredBytes {
  readonly received: number;
  readonly sent: number;
}

/** One request from its head to its end, for accounting and the access log. */
export interface Exchange {
  readonly requestId: string;
  /** The version that this request is served by. */
  readonly version: number;
  /** The same where answers are to say it, in Headgate-Version; undefined where they are not. */
  readonly shownVersion: number | undefined;
  /** The answer's head is on its way: status as the client sees it; reason for own answers, else "". */
  answered(status: number, reason: string): void;
  /** Exactly once. */
  end(outcome: Outcome, bytes: TransferredBytes): void;
}

/** A request that goes to a server. */
export interface ForwardExchange extends Exchange {
  readonly backend: Backend;
  /** Path and query to ask the server for, byte for byte as sent. */
  readonly target: string;
  /**
   * Fields of the request as the server shall see them: names and values in turn, hop-by-hop ones removed. Framing is
   * the engine's: Content-Length stands here as sent, Transfer-Encoding never does and is to be added for a body in
   * chunks. Without Host (HTTP/1.0), the engine names the server's own address and port.
   */
  readonly requestHeaders: readonly string[];
  /** The same as they stand in a head, each with its line end. */
  readonly requestLines: string;
  /** Whether Host is among them, as the first one. */
  readonly hasHost: boolean;
  /**
   * The server of the next attempt, counted as in flight until the attempt after it or the end; else the answer to give.
   * The first call has no argument; each further one says how the attempt before it failed, after `failure` was told.
   * Whether there may be another attempt is the core's to decide. It is not called once a byte of an answer has come.
   */
  next(after?: FailedAttempt): NextServer;
  /**
   * Bytes of the request body that the engine keeps until an answer begins, so that it can be sent again; 0 for none. A
   * longer body is let go of, and is then not `bodyComplete`.
   */
  readonly replayBytes: number;
  /**
   * Whether a request of which something was sent may be sent again: its method is idempotent (RFC 9110 section 9.2.2).
   * With it, or when nothing was sent, a reused connection that died before the first byte of an answer is replaced once
   * by a fresh one to the same server, as long as the whole body is still there.
   */
  readonly mayReplay: boolean;
  /**
   * Fields of an answer as the client shall see them, without Transfer-Encoding. `status` 101 keeps what a tunnel needs.
   * `version` is that of the server's answer, 1.1 by default.
   */
  responseHeaders(status: number, rawHeaders: readonly string[], version?: HttpVersion): readonly string[];
  /** The same as they stand in a head, each with its line end. An engine may hand over a block as often as it reads it. */
  responseLines(answer: AnswerBlock): string;
  /** The own answer for a failure of the server. */
  failure(failure: UpstreamFailure): OwnAnswer;
  /** Aborts when the server of the attempt under way was removed and its drain time is over. */
  readonly cut: AbortSignal;
}

/** How an attempt ended that brought no byte of an answer. */
export interface FailedAttempt {
  /** Whether any byte of the request was written to a connection. */
  readonly sent: boolean;
  /** Whether the request has no body, or all of it that has arrived is still in memory and can be sent again. */
  readonly bodyComplete: boolean;
}

export type NextServer =
  | { readonly kind: 'server'; readonly server: ServerSlot }
  | { readonly kind: 'none'; readonly answer: OwnAnswer }
  /** Every server is at its limit: the request waits. After `end` the turn means nothing and holds nothing. */
  | { readonly kind: 'queued'; readonly turn: Promise<Exclude<NextServer, { readonly kind: 'queued' }>> };

/** What can go wrong with a server before its answer begins. */
export type UpstreamFailure =
  | 'connect_failed'
  | 'connect_timeout'
  | 'first_byte_timeout'
  | 'idle_timeout'
  | 'connection_lost'
  | 'invalid_answer'
  | 'request_too_large';

export interface ForwarderLimits {
  /** Client connections at once; further ones are refused. Default 10,000. */
  readonly clientConnections: number;
  /** Default 16 KiB. */
  readonly headerBytes: number;
  /** Default 8 KiB. */
  readonly requestLineBytes: number;
  /** Default 100. */
  readonly headerFields: number;
  /** Default 10 s. */
  readonly headerTimeoutMs: number;
  /** Idle keep-alive of clients. Default 75 s. */
  readonly keepAliveTimeoutMs: number;
}

export const forwarderLimitDefaults: ForwarderLimits = {
  clientConnections: 10_000,
  headerBytes: 16_384,
  requestLineBytes: 8_192,
  headerFields: 100,
  headerTimeoutMs: 10_000,
  keepAliveTimeoutMs: 75_000,
};

/** An engine: a listener that carries out what the core decides. */
export interface Forwarder {
  /** Resolves with the address once it listens. */
  start(): Promise<{ readonly host: string; readonly port: number }>;
  /** From now on every answer says `Connection: close`; idle connections stay open until then. */
  beginDrain(): void;
  /** Stops accepting and closes idle connections; resolves when the last request and tunnel has ended. */
  stopAccepting(): Promise<void>;
  /** Cuts what is left. */
  close(): Promise<void>;
  /** Client connections and tunnels that are open. */
  readonly open: { readonly connections: number; readonly tunnels: number };
}

/** A demand on a forwarder, by the id of its conformance case, that an engine cannot meet, and what a user notices. */
export interface KnownGap {
  readonly case: string;
  readonly reason: string;
  /** Whether chance may meet the demand, so that nothing can be said of it. Default false. */
  readonly byChance?: boolean;
}
