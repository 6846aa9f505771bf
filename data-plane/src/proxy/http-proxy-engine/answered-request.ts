import type { Clock } from '@headgate/shared/clock';
import type { AnswerDecision } from '../forwarder.ts';
import type { RunningRequest } from './client-connection.ts';
import { Deadline } from './deadline.ts';
import type { IncomingExchange } from './incoming-exchange.ts';
import { writeOwnAnswer } from './own-answer-writer.ts';

/** How long a client may take to read an own answer. */
const UNREAD_ANSWER_MS = 60_000;

export interface AnsweredRequestOptions {
  readonly decision: AnswerDecision;
  readonly incoming: IncomingExchange;
  /** Whether the connection is to be closed for reasons of its own. */
  readonly close: boolean;
  readonly clock: Clock;
}

/** A request that gets an own answer at once. */
export class AnsweredRequest implements RunningRequest {
  readonly #options: AnsweredRequestOptions;
  readonly #deadline: Deadline;
  #bytes = 0;

  constructor(options: AnsweredRequestOptions) {
    this.#options = options;
    this.#deadline = new Deadline(options.clock, () => this.#destroy());
  }

  start(): void {
    const { decision, incoming, close, clock } = this.#options;
    const { answer, exchange } = decision;
    const { request, response } = incoming;
    response.on('error', ignore);
    response.once('close', () => this.#closed());
    this.#deadline.set(UNREAD_ANSWER_MS);
    exchange.answered(answer.status, answer.reason);
    const isLarge = incoming.hasContent && !incoming.isSmall;
    this.#bytes = writeOwnAnswer({ answer, exchange, request, response, close: close || isLarge, clock });
  }

  /** The answer is out already, and says that the connection closes. */
  clientFault(): void {
    this.#options.incoming.response.end();
  }

  #closed(): void {
    this.#deadline.clear();
    const kind = this.#options.incoming.response.writableFinished ? 'complete' : 'client_aborted';
    this.#options.decision.exchange.end({ kind }, { received: 0, sent: this.#bytes });
  }

  #destroy(): void {
    this.#options.incoming.response.socket?.destroy();
  }
}

function ignore(): void {}
