import type { AnswerDecision, OwnAnswer } from '../forwarder.ts';
import type { ClientConnection, StartedRequest } from './client-connection.ts';
import type { EngineParts } from './engine-parts.ts';
import { mayDiscard } from './may-discard.ts';
import type { ReadRequest } from './request-reader.ts';
import type { WriteWaiter } from './wire-writer.ts';
import { writeOwnAnswer } from './write-own-answer.ts';

/** How long a client may take to read an own answer. */
const UNREAD_ANSWER_MS = 60_000;

export interface AnsweredRequestOptions {
  readonly decision: AnswerDecision;
  readonly client: ClientConnection;
  /** Undefined when what came was none. */
  readonly request: ReadRequest | undefined;
  readonly parts: EngineParts;
}

/** A request that gets an own answer at once. Its content is not looked at. */
export class AnsweredRequest implements StartedRequest, WriteWaiter {
  readonly #options: AnsweredRequestOptions;
  #closes = true;
  #bytes = 0;
  #isOver = false;

  constructor(options: AnsweredRequestOptions) {
    this.#options = options;
  }

  start(): void {
    const { decision, client, request, parts } = this.#options;
    const { answer, exchange } = decision;
    const { keepAlive = false } = request ?? {};
    this.#closes = answer.close || !keepAlive || parts.isDraining || !(request === undefined || mayDiscard(request));
    exchange.answered(answer.status, answer.reason);
    const { writer } = client;
    this.#bytes = writeOwnAnswer({ writer, answer, exchange, request, closes: this.#closes, date: parts.date });
    if (client.writer.isEmpty) return this.written();
    client.timer.set(UNREAD_ANSWER_MS);
    client.writer.whenEmpty(this);
  }

  content(): void {}
  contentComplete(): void {}
  contentFault(_answer: OwnAnswer): void {}
  flush(): void {}
  clientDrained(): void {}

  clientEnded(): boolean {
    return false;
  }

  clientLost(): void {
    this.#end('client_aborted');
  }

  expired(): void {
    this.#options.client.cut(false);
    this.clientLost();
  }

  /** The system has the answer. */
  written(): void {
    if (this.#isOver) return;
    this.#end('complete');
    this.#options.client.done(this.#closes || this.#options.parts.isStopping);
  }

  #end(kind: 'complete' | 'client_aborted'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.decision.exchange.end({ kind }, { received: 0, sent: this.#bytes });
  }
}
