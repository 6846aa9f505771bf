import { DataPlaneSession } from './data-plane-session.ts';
import { readHello } from './read-hello.ts';
import { readRequest, type RequestMessage } from './read-request.ts';
import { RefusalError, type Refusal } from './refusal.ts';
import type { SessionRegistry } from './session-registry.ts';
import type { StreamContext } from './stream-context.ts';
import type { StreamWire } from './stream-wire.ts';

export interface DataPlaneStreamOptions {
  readonly wire: StreamWire;
  readonly context: StreamContext;
  readonly registry: SessionRegistry;
  /** How long Hello may take. */
  readonly helloTimeoutMs: number;
}

/**
 * One authenticated stream from its first byte on.
 *
 * 1. The first message must be Hello, and come in time.
 * 2. While it is decided whether the id is free, nothing more is read.
 * 3. Then a session takes over. A message that cannot be worked with ends the stream with a status that says why.
 */
export class DataPlaneStream {
  readonly #options: DataPlaneStreamOptions;
  #cancelTimeout: () => void = () => undefined;
  #session: DataPlaneSession | undefined;
  #greeted = false;

  constructor(options: DataPlaneStreamOptions) {
    this.#options = options;
  }

  start(): void {
    const { wire, context, helloTimeoutMs } = this.#options;
    const late = { code: 'DEADLINE_EXCEEDED', detail: `hello did not come within ${helloTimeoutMs} ms` } as const;
    this.#cancelTimeout = context.clock.after(helloTimeoutMs, () => this.end(late));
    wire.onClose(() => this.#closed());
    wire.onMessage((bytes) => this.#receive(bytes));
  }

  /** Ends the stream, saying why. */
  end(refusal: Refusal): void {
    const { wire, context } = this.#options;
    if (wire.closed) return;
    context.metrics.refusals.inc({ code: refusal.code });
    context.logger.info({ peer: wire.peer, refusal }, 'a stream is ended');
    wire.end(refusal);
  }

  #receive(bytes: Buffer): void {
    try {
      const message = readRequest(bytes);
      if (this.#session === undefined) this.#greet(message);
      else this.#session.receive(message);
    } catch (error) {
      if (!(error instanceof RefusalError)) this.#options.context.logger.error({ err: error }, 'a message has failed');
      this.end(error instanceof RefusalError ? error : { code: 'INTERNAL', detail: 'something went wrong inside' });
    }
  }

  #greet(message: RequestMessage): void {
    if (message.$case !== 'hello' || this.#greeted) {
      throw new RefusalError('INVALID_ARGUMENT', `${message.$case} came before welcome; the first message is hello`);
    }
    const arrival = readHello(message.value);
    this.#greeted = true;
    this.#cancelTimeout();
    const { wire, context, registry } = this.#options;
    wire.pause();
    const open = (): DataPlaneSession | undefined =>
      wire.closed ? undefined : (this.#session = new DataPlaneSession(arrival, wire, context));
    void registry.claim(arrival, open).then((refusal) => this.#decided(refusal));
  }

  #decided(refusal: Refusal | undefined): void {
    if (refusal !== undefined) return this.end(refusal);
    this.#session?.start();
    this.#options.wire.resume();
  }

  #closed(): void {
    this.#cancelTimeout();
    if (this.#session !== undefined) this.#options.registry.release(this.#session);
  }
}
