import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ProxyServer } from 'http-proxy';
import type { Clock } from '@headgate/shared/clock';
import type { ForwardExchange, Outcome, OwnAnswer, TransferredBytes, UpstreamFailure } from '../forwarder.ts';
import { ownAnswer } from '../own-answer.ts';
import type { ProxyMetrics } from '../proxy-metrics.ts';
import { opensWebSocket } from '../response-headers.ts';
import { acceptedVersion, writeAnswerHead } from './answer-head.ts';
import { AnswerRelay } from './answer-relay.ts';
import type { RunningRequest } from './client-connection.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { Deadline } from './deadline.ts';
import { endAfterRequest } from './end-after-request.ts';
import { heldBody } from './held-body.ts';
import type { IncomingExchange } from './incoming-exchange.ts';
import { InterimAnswers } from './interim-answers.ts';
import { keepAliveHintMs } from '../keep-alive-hint.ts';
import { setRequestFields } from './outgoing-fields.ts';
import { headText, writeOwnAnswer } from './own-answer-writer.ts';
import { RequestBody } from './request-body.ts';
import { ServerAttempts } from './server-attempts.ts';
import type { ServerUser } from './server-connections.ts';
import { Tunnel } from './tunnel.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

/** What every proxied request of an engine shares. */
export interface ProxyingOptions {
  readonly proxy: ProxyServer;
  readonly pool: ConnectionPool;
  readonly clock: Clock;
  readonly metrics: ProxyMetrics;
  readonly tunnels: Set<Tunnel>;
  /** Finds a request again in http-proxy's events, which know the client's message alone. */
  readonly running: WeakMap<IncomingMessage, ProxiedRequest>;
  readonly isDraining: () => boolean;
}

/** Above what the most attempts that a backend may allow come to. */
const MAX_LISTENERS = 64;

type Phase = 'connecting' | 'sending' | 'answering' | 'refused' | 'tunnel' | 'over';

/**
 * One request on its way to a server and back.
 *
 * 1. connecting: a server and a connection to it are found, or waited for.
 * 2. sending: the request goes out on it. An attempt that brings no byte of an answer leads back to 1: a reused connection
 *    that dies is replaced once; beyond that the core says whether another server gets the request.
 * 3. answering: the head of the answer has gone to the client. What fails from here on truncates the answer.
 * 4. refused: an own answer has gone to the client. Or tunnel: the sockets are joined.
 * 5. over: counted, and everything given back, in whatever phase that happened.
 */
export class ProxiedRequest implements ServerUser, RunningRequest {
  readonly #options: ProxyingOptions;
  readonly #exchange: ForwardExchange;
  readonly #incoming: IncomingExchange;
  readonly #attempts: ServerAttempts;
  readonly #body: RequestBody;
  readonly #interim: InterimAnswers;
  readonly #deadline: Deadline;
  #phase: Phase = 'connecting';
  #outgoing: ClientRequest | undefined;
  #relay: AnswerRelay | undefined;
  #tunnel: Tunnel | undefined;
  /** Whether nothing but the end of the connection tells the client where its answer ends. */
  #endsByClose = false;
  /** Whether the answer says that the client's connection closes. */
  #closes = false;
  #ownBytes = 0;

  constructor(options: ProxyingOptions, exchange: ForwardExchange, incoming: IncomingExchange) {
    this.#options = options;
    this.#exchange = exchange;
    this.#incoming = incoming;
    const { pool, metrics, clock } = options;
    this.#deadline = new Deadline(clock, () => this.#expired());
    this.#interim = new InterimAnswers({ exchange, incoming, clock });
    this.#attempts = new ServerAttempts({
      exchange,
      pool,
      metrics,
      user: this,
      isBodyComplete: () => this.#body.isReplayable,
      ready: (target, connection) => this.#send(target, connection),
      nobody: (answer) => this.#refuse(answer),
    });
    this.#body = new RequestBody({
      ...incoming,
      replayBytes: incoming.length <= exchange.replayBytes ? exchange.replayBytes : 0,
      maxBytes: exchange.backend.limits.requestBodyBytes,
      moved: () => this.#deadline.touch(),
      complete: () => this.#sent(),
      tooLarge: () => this.#giveUp(exchange.failure('request_too_large')),
    });
  }

  start(): void {
    const { request, response } = this.#incoming;
    response.on('error', ignore);
    response.once('close', () => this.#clientClosed());
    // http-proxy copies these to the server; the core has said which ones go there.
    request.headers = {};
    this.#options.running.set(request, this);
    this.#attempts.start();
  }

  /** http-proxy has made the request, and its connection is ready for it. */
  prepare(outgoing: ClientRequest): void {
    if (this.#phase !== 'sending') return void outgoing.destroy();
    this.#outgoing = outgoing;
    outgoing.path = this.#exchange.target;
    setRequestFields(outgoing, this.#exchange.requestHeaders, this.#incoming.chunked);
    this.#interim.listen(outgoing);
    outgoing.once('upgrade', (answer, socket, head) => this.#upgraded(answer, socket, head));
    this.#sendBody(outgoing);
  }

  /** The head of an answer has come. */
  answer(answer: IncomingMessage): void {
    if (this.#phase !== 'sending') return void answer.destroy();
    const version = acceptedVersion(answer);
    if (version === undefined) return this.#invalidAnswer();
    const { statusCode: status = 0, rawHeaders } = answer;
    const { response } = this.#incoming;
    this.#closes = this.#mustClose();
    const fields = this.#exchange.responseHeaders(status, rawHeaders, version);
    const head = writeAnswerHead({ answer, response, fields, closes: this.#closes });
    if (head === undefined) return this.#invalidAnswer();
    this.#endsByClose = this.#incoming.version === '1.0' && head.contentLength === undefined;
    this.#attempts.connection!.idleLimitMs = keepAliveHintMs(rawHeaders);
    this.#exchange.answered(status, '');
    this.#relayAnswer(answer, head.contentLength);
  }

  /** The connection failed, or what came is no HTTP. */
  failed(error: NodeJS.ErrnoException): void {
    // Node would take a reset for the end of an answer that the end of the connection ends.
    if (this.#phase === 'answering' && this.#relay?.isWhole === false) return this.#truncate('connection_lost');
    if (this.#phase !== 'sending') return;
    if (error.code?.startsWith('HPE_') === true) return this.#invalidAnswer();
    this.#attemptFailed('connection_lost');
  }

  cut(): void {
    if (this.#phase === 'tunnel') this.#tunnel?.close();
    else this.#giveUp(ownAnswer('server_removed'));
  }

  clientFault(answer: OwnAnswer): void {
    this.#giveUp(answer);
  }

  #send(target: { readonly host: string; readonly port: number }, connection: UpstreamConnection): void {
    this.#phase = 'sending';
    const { request, response } = this.#incoming;
    this.#options.proxy.web(request, response, {
      target,
      agent: connection,
      buffer: heldBody,
      selfHandleResponse: true,
      // The path is set in `prepare`, byte for byte; these keep http-proxy from parsing what a client has sent.
      toProxy: true,
      ignorePath: true,
    });
  }

  #sendBody(outgoing: ClientRequest): void {
    if (this.#body.hasContent) this.#deadline.set(this.#exchange.backend.timeouts.idleMs);
    this.#body.sendTo(outgoing);
    if (!this.#body.hasContent) return;
    if (this.#interim.isContinueAwaited) {
      outgoing.flushHeaders();
      this.#interim.awaitContinue();
      return;
    }
    // What came along with the head goes out in one piece with it; this runs after that.
    process.nextTick(() => outgoing.headersSent || outgoing.destroyed || outgoing.flushHeaders());
  }

  #sent(): void {
    if (this.#phase === 'sending') this.#deadline.set(this.#exchange.backend.timeouts.firstByteMs);
  }

  /** As long as nothing has come back, the request may be sent again: on a fresh connection, or to another server. */
  #attemptFailed(failure: UpstreamFailure): void {
    if (this.#attempts.hasAnswered) return this.#refuse(this.#exchange.failure(failure));
    const isReplaceable = failure === 'connection_lost' && this.#attempts.isReplaceable;
    if (!isReplaceable) this.#exchange.failure(failure);
    this.#abandonAttempt();
    if (isReplaceable) this.#attempts.replace();
    else this.#attempts.again();
  }

  /** What was sent is of no more use, whatever still comes of it. */
  #abandonAttempt(): void {
    this.#phase = 'connecting';
    this.#deadline.clear();
    this.#body.pause();
    const { request, response } = this.#incoming;
    // http-proxy listens to both anew for each attempt.
    request.setMaxListeners(MAX_LISTENERS);
    response.setMaxListeners(MAX_LISTENERS);
    this.#outgoing?.removeAllListeners('error').on('error', ignore).destroy();
    this.#outgoing = undefined;
  }

  #relayAnswer(answer: IncomingMessage, contentLength: number | undefined): void {
    this.#phase = 'answering';
    this.#interim.stop();
    this.#body.forgetCopy();
    this.#deadline.set(this.#exchange.backend.timeouts.idleMs);
    this.#relay = new AnswerRelay({
      answer,
      response: this.#incoming.response,
      contentLength,
      moved: () => this.#deadline.touch(),
      complete: (last) => this.#answerComplete(last),
      broken: () => this.#truncate('connection_lost'),
    });
  }

  /** A server that has answered wants no more of the request. */
  #answerComplete(last: Buffer | undefined): void {
    const { request, response } = this.#incoming;
    if (!this.#body.isComplete) {
      this.#body.stop();
      this.#outgoing?.destroy();
    }
    this.#outgoing = undefined;
    this.#deadline.set(this.#exchange.backend.timeouts.idleMs);
    endAfterRequest({ request, response, closes: this.#closes, last, clock: this.#options.clock });
  }

  /** An answer that comes before the content has been read leaves the connection unusable, unless that is little. */
  #mustClose(): boolean {
    const { hasContent, isSmall } = this.#incoming;
    return this.#options.isDraining() || (hasContent && !isSmall && !this.#body.isComplete);
  }

  #upgraded(answer: IncomingMessage, socket: Socket, head: Buffer): void {
    const { upgraded } = this.#incoming;
    if (upgraded === undefined || this.#phase !== 'sending' || !opensWebSocket(answer.rawHeaders)) {
      socket.destroy();
      return this.#phase === 'sending' ? this.#invalidAnswer() : undefined;
    }
    this.#phase = 'tunnel';
    this.#outgoing = undefined;
    this.#interim.stop();
    this.#deadline.clear();
    this.#exchange.answered(101, '');
    const { socket: client, early } = upgraded.takeOver();
    client.write(headText(101, this.#exchange.responseHeaders(101, answer.rawHeaders)), 'latin1');
    this.#tunnelBetween(client, socket).start(early, head);
  }

  #tunnelBetween(client: Socket, server: Socket): Tunnel {
    const { tunnels, metrics, clock } = this.#options;
    const { tunnelIdleMs, idleMs } = this.#exchange.backend.timeouts;
    const halfClosedMs = Math.min(tunnelIdleMs, idleMs);
    const closed = (bytes: TransferredBytes): void => {
      tunnels.delete(tunnel);
      metrics.tunnels--;
      this.#end({ kind: 'tunnel_closed' }, bytes);
    };
    const tunnel = new Tunnel({ client, server, clock, idleMs: tunnelIdleMs, halfClosedMs, closed });
    this.#tunnel = tunnel;
    tunnels.add(tunnel);
    metrics.tunnels++;
    return tunnel;
  }

  #expired(): void {
    switch (this.#phase) {
      case 'sending':
        if (this.#body.isComplete) return this.#attemptFailed('first_byte_timeout');
        if (this.#body.isBlocked) return this.#attemptFailed('idle_timeout');
        return this.#refuse(ownAnswer('request_timeout'));
      case 'answering':
        return this.#truncate('idle_timeout');
      default:
        this.#incoming.response.socket?.destroy(); // the client does not take its answer
    }
  }

  #invalidAnswer(): void {
    this.#refuse(this.#exchange.failure('invalid_answer'));
  }

  /** Ends the request by an own answer, or by truncating the server's when that has begun. */
  #giveUp(answer: OwnAnswer): void {
    if (this.#phase === 'connecting' || this.#phase === 'sending') this.#refuse(answer);
    else if (this.#phase === 'answering') this.#truncate(answer.reason);
  }

  #refuse(answer: OwnAnswer): void {
    this.#phase = 'refused';
    this.#dropServer();
    const { request, response } = this.#incoming;
    const exchange = this.#exchange;
    exchange.answered(answer.status, answer.reason);
    this.#deadline.set(exchange.backend.timeouts.idleMs);
    const close = this.#mustClose();
    this.#ownBytes = writeOwnAnswer({ answer, exchange, request, response, close, clock: this.#options.clock });
  }

  /** The client must see that its answer is not whole: where only the end of the connection ends it, by a reset. */
  #truncate(reason: string): void {
    const { socket } = this.#incoming.response;
    this.#end({ kind: 'truncated', reason });
    if (this.#endsByClose) socket?.resetAndDestroy();
    else socket?.destroy();
  }

  #clientClosed(): void {
    const { response } = this.#incoming;
    this.#end({ kind: response.writableFinished ? 'complete' : 'client_aborted' });
  }

  #end(outcome: Outcome, bytes: TransferredBytes = this.#bytes()): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    this.#deadline.clear();
    this.#dropServer();
    this.#attempts.leave();
    this.#exchange.end(outcome, bytes);
  }

  #bytes(): TransferredBytes {
    return { received: this.#body.received, sent: (this.#relay?.sent ?? 0) + this.#ownBytes };
  }

  /** Lets go of the server as it stands: what is under way is cut, what is done is left alone. */
  #dropServer(): void {
    this.#attempts.cancel();
    this.#interim.stop();
    this.#body.stop();
    this.#relay?.stop();
    this.#outgoing?.destroy();
    this.#outgoing = undefined;
  }
}

function ignore(): void {}
