import type { ClientRequest, InformationEvent } from 'node:http';
import type { Clock } from '@headgate/shared/clock';
import type { ForwardExchange } from '../forwarder.ts';
import type { IncomingExchange } from './incoming-exchange.ts';
import { headText } from './own-answer-writer.ts';

/** How long a client waits for a server that says nothing to `Expect: 100-continue`. */
const CONTINUE_AFTER_MS = 1_000;
/** Interim answers that are passed on for one request. */
const MAX_INTERIM = 16;

export interface InterimAnswersOptions {
  readonly exchange: ForwardExchange;
  readonly incoming: IncomingExchange;
  readonly clock: Clock;
}

/** What a server says before its answer (RFC 9110 section 15.2), until `stop`. */
export class InterimAnswers {
  /** Whether the client waits for 100 before it sends its content. */
  #awaited: boolean;
  readonly #options: InterimAnswersOptions;
  #cancelTimer: (() => void) | undefined;
  #passedOn = 0;
  #stopped = false;

  constructor(options: InterimAnswersOptions) {
    this.#options = options;
    this.#awaited = options.incoming.expectsContinue && options.incoming.hasContent;
  }

  get isContinueAwaited(): boolean {
    return this.#awaited;
  }

  /** Passes on what the server says to this request. */
  listen(outgoing: ClientRequest): void {
    outgoing.on('continue', () => this.#continue());
    outgoing.on('information', (interim: InformationEvent) => this.#passOn(interim));
  }

  /** The client waits for a word of the server, though not for ever (RFC 9110 section 10.1.1). */
  awaitContinue(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.after(CONTINUE_AFTER_MS, () => this.#continue());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** 100 is for those who asked. */
  #continue(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (!this.#awaited || this.#stopped) return;
    this.#awaited = false;
    this.#options.incoming.response.writeContinue();
  }

  /** HTTP/1.0 has no interim answers. */
  #passOn({ statusCode, rawHeaders }: InformationEvent): void {
    const { incoming, exchange } = this.#options;
    if (statusCode === 100 || incoming.version === '1.0' || this.#stopped || ++this.#passedOn > MAX_INTERIM) return;
    incoming.response.socket?.write(headText(statusCode, exchange.responseHeaders(statusCode, rawHeaders)), 'latin1');
  }
}
