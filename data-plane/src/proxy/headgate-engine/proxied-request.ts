import type { ForwardExchange, Outcome, OwnAnswer, TransferredBytes, UpstreamFailure } from '../forwarder.ts';
import { ownAnswer } from '../own-answer.ts';
import { fieldLines } from '../prepared-fields.ts';
import { opensWebSocket } from '../response-headers.ts';
import type { AnswerHead } from './answer-head.ts';
import type { AnswerSink } from './answer-reader.ts';
import { AnswerSender } from './answer-sender.ts';
import type { ClientConnection, StartedRequest } from './client-connection.ts';
import type { ContentFraming } from './content-reader.ts';
import type { EngineParts } from './engine-parts.ts';
import { InterimAnswers } from './interim-answers.ts';
import { mayDiscard } from './may-discard.ts';
import { statusLine } from './own-answer-text.ts';
import type { ReadRequest } from './request-reader.ts';
import { RequestSender } from './request-sender.ts';
import { ServerAttempts, type AttemptsOwner } from './server-attempts.ts';
import type { ServerUser } from './server-user.ts';
import { Tunnel } from './tunnel.ts';
import type { UpstreamConnection } from './upstream-connection.ts';
import type { WriteWaiter } from './wire-writer.ts';
import { writeOwnAnswer } from './write-own-answer.ts';

export interface ProxiedRequestOptions {
  readonly exchange: ForwardExchange;
  readonly client: ClientConnection;
  readonly request: ReadRequest;
  readonly parts: EngineParts;
}

type Phase = 'finding' | 'sending' | 'answering' | 'answered' | 'tunnel' | 'over';

/** How long a client waits for a server that says nothing to `Expect: 100-continue`. */
const CONTINUE_AFTER_MS = 1_000;

/**
 * One request on its way to a server and back.
 *
 * 1. finding: a server and a connection to it. Nothing of the request has been touched.
 * 2. sending: the request goes out. A reused connection that dies without an answer is replaced once; other failures
 *    before the first byte of an answer are told to the core, which may name another server.
 * 3. answering: the head of the answer has gone to the client. What fails from here on truncates the answer.
 * 4. answered: the system has to take what is left of the answer, the server's or an own one. Or tunnel.
 * 5. over: counted, and everything given back, in whatever phase that happened.
 */
export class ProxiedRequest implements StartedRequest, ServerUser, AnswerSink, AttemptsOwner, WriteWaiter {
  readonly #exchange: ForwardExchange;
  readonly #client: ClientConnection;
  readonly #request: ReadRequest;
  readonly #parts: EngineParts;
  readonly #attempts: ServerAttempts;
  readonly #sender: RequestSender;
  readonly #interim: InterimAnswers;
  #phase: Phase = 'finding';
  /** Whether anything has come from the server in this attempt. */
  #hasCome = false;
  #idleLimitMs = 0;
  #answer: AnswerSender | undefined = undefined;
  #tunnel: Tunnel | undefined = undefined;
  /** Whether the client's connection closes after the answer. */
  #closes = false;
  #ownBytes = 0;

  constructor({ exchange, client, request, parts }: ProxiedRequestOptions) {
    this.#exchange = exchange;
    this.#client = client;
    this.#request = request;
    this.#parts = parts;
    this.#attempts = new ServerAttempts(exchange, parts, this);
    this.#sender = new RequestSender(exchange, request);
    this.#interim = new InterimAnswers({ exchange, writer: client.writer, request });
  }

  start(): void {
    this.#attempts.start();
  }

  connecting(): void {
    this.#phase = 'finding';
    this.#client.timer.set(this.#exchange.backend.timeouts.connectMs);
  }

  waiting(): void {
    this.#phase = 'finding';
    this.#client.timer.clear(); // the core limits it
  }

  ready(connection: UpstreamConnection): void {
    this.#phase = 'sending';
    this.#hasCome = false;
    connection.user = this;
    connection.requests++;
    connection.reader.begin(this.#request.method);
    this.#sender.begin(connection);
    this.#client.timer.set(this.#patienceMs());
    this.#client.readContent();
    if (!this.#client.isReading) this.#sender.flushSoon();
  }

  nobody(answer: OwnAnswer): void {
    this.#refuse(answer);
  }

  cut(): void {
    this.#giveUp(ownAnswer('server_removed'));
  }

  // What the client does

  content(bytes: Buffer, from: number, to: number): void {
    if (!this.#isForwarding) return;
    const { requestBodyBytes } = this.#exchange.backend.limits;
    this.#stopAwaitingContinue();
    this.#client.timer.touch();
    if (requestBodyBytes > 0 && this.#sender.received + to - from > requestBodyBytes) {
      return this.#giveUp(this.#exchange.failure('request_too_large'));
    }
    this.#sender.content(bytes, from, to);
    if (this.#sender.isBlocked) this.#client.pause();
  }

  contentComplete(trailers: readonly string[]): void {
    if (!this.#isForwarding) return;
    this.#sender.complete(trailers);
    if (this.#phase === 'sending') this.#client.timer.set(this.#patienceMs());
  }

  contentFault(answer: OwnAnswer): void {
    this.#giveUp(answer);
  }

  flush(): void {
    const early = this.#tunnel === undefined ? undefined : this.#client.takeHeld();
    if (early !== undefined) this.#tunnel?.fromClient(early);
    else if (this.#isForwarding) this.#sender.flushSoon();
  }

  clientDrained(): void {
    if (this.#tunnel !== undefined) return this.#tunnel.clientDrained();
    this.#client.timer.touch();
    this.#attempts.connection?.resume();
  }

  clientEnded(): boolean {
    this.#tunnel?.clientEnded();
    return this.#tunnel !== undefined;
  }

  clientLost(): void {
    if (this.#tunnel !== undefined) return this.#tunnel.clientLost();
    this.#end({ kind: 'client_aborted' });
  }

  expired(): void {
    switch (this.#phase) {
      case 'finding':
        return this.#attempts.connectExpired();
      case 'sending':
        return this.#sendingExpired();
      case 'answering':
        return this.#truncate('idle_timeout');
      default:
        this.#client.cut(false); // it does not take its answer
        this.#end({ kind: 'client_aborted' });
    }
  }

  // What the server does

  fromServer(bytes: Buffer, length: number): void {
    this.#hasCome = true;
    if (this.#phase === 'answering') this.#client.timer.touch();
    this.#attempts.connection?.reader.take(bytes, length, this);
    if (this.#phase !== 'answering') return;
    this.#client.writer.flushSoon();
    if (this.#client.writer.isBlocked) this.#attempts.connection?.pause();
  }

  serverEnded(): void {
    if (this.#phase === 'answering' && this.#attempts.connection?.reader.endsByClose === true) {
      this.answerComplete([], false);
    } else this.#lost('connection_lost');
  }

  serverLost(): void {
    this.#lost('connection_lost');
  }

  serverDrained(): void {
    if (this.#isForwarding) this.#client.timer.touch();
    this.#client.resume();
  }

  // What the server says

  interim(head: AnswerHead): void {
    if (head.status === 100) this.#proceed();
    else this.#interim.passOn(head);
  }

  switched(head: AnswerHead, bytes: Buffer, from: number, to: number): void {
    if (!this.#request.webSocket || !opensWebSocket(head.rawHeaders)) return this.invalidAnswer();
    this.#phase = 'tunnel';
    this.#client.timer.clear();
    this.#exchange.answered(101, '');
    const fields = fieldLines(this.#exchange.responseHeaders(101, head.rawHeaders, head.version));
    this.#client.writer.text(`${statusLine(101)}${fields}\r\n`);
    this.#tunnel = this.#tunnelTo(this.#attempts.handOver());
    this.#tunnel.start(bytes, from, to);
  }

  answer(head: AnswerHead, framing: ContentFraming): void {
    this.#phase = 'answering';
    this.#sender.forgetCopy();
    this.#interim.isContinueAwaited = false;
    this.#idleLimitMs = head.keepAlive ? head.idleLimitMs : 0;
    this.#client.timer.set(this.#exchange.backend.timeouts.idleMs);
    this.#answer = new AnswerSender({
      writer: this.#client.writer,
      head,
      framing,
      lines: this.#exchange.responseLines(head.block),
      clientVersion: this.#request.version,
      closes: this.#mustClose(),
      date: this.#parts.date,
    });
    this.#closes = this.#answer.closes;
    this.#exchange.answered(head.status, '');
  }

  answerContent(bytes: Buffer, from: number, to: number): void {
    this.#answer!.content(bytes, from, to);
  }

  answerComplete(trailers: readonly string[], isLast: boolean): void {
    this.#answer!.complete(trailers);
    this.#client.writer.flushSoon();
    // A server that has answered wants no more of the request.
    if (isLast && this.#sender.isSent) this.#attempts.release(this.#idleLimitMs);
    else this.#dropServer();
    this.#finish();
  }

  invalidAnswer(): void {
    if (this.#phase === 'answering') return this.#truncate('invalid_answer');
    this.#refuse(this.#exchange.failure('invalid_answer'));
  }

  // What follows from it

  get #isForwarding(): boolean {
    return this.#phase === 'sending' || this.#phase === 'answering';
  }

  /** How long nothing may come while the request goes out, or after that. */
  #patienceMs(): number {
    const { firstByteMs, idleMs } = this.#exchange.backend.timeouts;
    if (this.#sender.isComplete) return firstByteMs;
    return this.#interim.isContinueAwaited ? Math.min(CONTINUE_AFTER_MS, idleMs) : idleMs;
  }

  #proceed(): void {
    this.#interim.proceed();
    if (this.#phase === 'sending' && !this.#sender.isComplete) this.#client.timer.set(this.#patienceMs());
  }

  #stopAwaitingContinue(): void {
    if (!this.#interim.isContinueAwaited) return;
    this.#interim.isContinueAwaited = false;
    this.#client.timer.set(this.#patienceMs());
  }

  #sendingExpired(): void {
    if (this.#interim.isContinueAwaited) return this.#proceed();
    if (this.#sender.isComplete) return this.#lost('first_byte_timeout');
    if (this.#sender.isBlocked) return this.#lost('idle_timeout');
    this.#refuse(ownAnswer('request_timeout'));
  }

  /** The attempt has failed. Only as long as nothing has come back is there another one. */
  #lost(failure: UpstreamFailure): void {
    if (this.#phase === 'answering') return this.#truncate(failure);
    if (this.#phase !== 'sending') return;
    const bodyComplete = this.#sender.isReplayable;
    const mayReplace = !this.#hasCome && this.#exchange.mayReplay && bodyComplete && failure === 'connection_lost';
    this.#dropServer();
    if (mayReplace && this.#attempts.isReplaceable) return this.#attempts.replace();
    const answer = this.#exchange.failure(failure);
    if (this.#hasCome) this.#refuse(answer);
    else this.#attempts.next({ sent: true, bodyComplete });
  }

  /** Ends the request by an own answer, or by truncating the server's when that has begun. */
  #giveUp(answer: OwnAnswer): void {
    if (this.#phase === 'finding' || this.#phase === 'sending') this.#refuse(answer);
    else if (this.#phase === 'answering') this.#truncate(answer.reason);
  }

  #refuse(answer: OwnAnswer): void {
    this.#dropServer();
    this.#closes = answer.close || this.#mustClose();
    this.#exchange.answered(answer.status, answer.reason);
    const { writer } = this.#client;
    const { date } = this.#parts;
    const order = { writer, answer, exchange: this.#exchange, request: this.#request, closes: this.#closes, date };
    this.#ownBytes = writeOwnAnswer(order);
    this.#finish();
  }

  /** An answer that comes before the content has been read leaves the connection unusable, unless that is little. */
  #mustClose(): boolean {
    const isUnread = !this.#client.isContentComplete && !mayDiscard(this.#request);
    return !this.#request.keepAlive || this.#parts.isDraining || isUnread;
  }

  /** The answer has been written: it is complete when the system has it. */
  #finish(): void {
    this.#phase = 'answered';
    if (this.#client.writer.isEmpty) return this.written();
    this.#client.timer.set(this.#exchange.backend.timeouts.idleMs);
    this.#client.writer.whenEmpty(this);
  }

  /** The system has the answer. */
  written(): void {
    if (this.#phase !== 'answered') return;
    this.#end({ kind: 'complete' });
    this.#client.done(this.#closes || this.#parts.isStopping);
  }

  /** The client must see that its answer is not whole: where only the end of the connection ends it, by a reset. */
  #truncate(reason: string): void {
    this.#client.writer.flush();
    this.#end({ kind: 'truncated', reason });
    this.#client.cut(this.#answer?.endsByClose === true);
  }

  #tunnelTo(server: UpstreamConnection): Tunnel {
    const { tunnelIdleMs, idleMs } = this.#exchange.backend.timeouts;
    return new Tunnel({
      client: this.#client,
      server,
      parts: this.#parts,
      idleMs: tunnelIdleMs,
      halfClosedMs: Math.min(tunnelIdleMs, idleMs),
      closed: (bytes) => this.#end({ kind: 'tunnel_closed' }, bytes),
    });
  }

  #dropServer(): void {
    this.#sender.stop();
    this.#client.holdContent();
    this.#client.resume();
    this.#attempts.drop();
  }

  #end(outcome: Outcome, bytes: TransferredBytes = this.#bytes()): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    this.#sender.stop();
    this.#attempts.end();
    this.#exchange.end(outcome, bytes);
  }

  #bytes(): TransferredBytes {
    return { received: this.#sender.received, sent: (this.#answer?.sent ?? 0) + this.#ownBytes };
  }
}
