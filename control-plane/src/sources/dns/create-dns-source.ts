import { backoffDelay } from '@headgate/shared/backoff';
import { DnsError } from '@headgate/shared/dns/dns-error';
import { DnsQuestions } from '@headgate/shared/dns/dns-questions';
import { formatDuration } from '@headgate/shared/model/duration';
import type { DnsSource } from '@headgate/shared/model/dns-source';
import { SourceError, type ServerSource, type ServerSourceContext, type SourceEntry } from '../source.ts';
import { readName } from './read-name.ts';

/** Every interval is drawn from interval ± this share. */
const JITTER = 0.2;

/** All questions of one round; a service with many targets asks many. */
const ROUND_MS = 60_000;

const BACKOFF_BASE_MS = 1_000;
const BACKOFF_MAX_MS = 30_000;

export interface DnsSourceOptions {
  /** From 0 (included) to 1. Default Math.random. */
  readonly random?: () => number;
}

/** The servers of one backend are those that a name in DNS has. */
export function createDnsSource(
  source: DnsSource,
  context: ServerSourceContext,
  options: DnsSourceOptions = {},
): ServerSource {
  return new DnsServerSource(source, context, options.random ?? Math.random);
}

/**
 * Asks, says what came, and asks again: after a good answer when the interval is over, after a failure sooner or as soon,
 * never less often than every 30 s. DNS answers do not say that they are whole and correct as of now, so a name that has
 * ceased to exist is a failure unless the source is told to believe it: zones are emptied by mistake, and resolvers deny
 * names that they cannot see.
 */
class DnsServerSource implements ServerSource {
  readonly #source: DnsSource;
  readonly #context: ServerSourceContext;
  readonly #random: () => number;
  #closed = false;
  #failures = 0;
  #cancelTimer: () => void = () => undefined;
  #questions: DnsQuestions | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(source: DnsSource, context: ServerSourceContext, random: () => number) {
    this.#source = source;
    this.#context = context;
    this.#random = random;
  }

  start(): void {
    this.#round = this.#ask();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer();
    this.#questions?.cancel();
    await this.#round;
  }

  async #ask(): Promise<void> {
    const result = await this.#read();
    if (this.#closed) return;
    const { sink } = this.#context;
    if (result instanceof SourceError) {
      sink.failed(result);
      this.#next(this.#pauseAfterFailure());
    } else {
      this.#failures = 0;
      sink.deliver(result);
      this.#next(this.#source.intervalMs * (1 + (this.#random() * 2 - 1) * JITTER));
    }
  }

  #next(delayMs: number): void {
    // The sink may have closed the source.
    if (this.#closed) return;
    this.#cancelTimer = this.#context.clock.after(delayMs, () => this.start());
  }

  /** Grows up to the interval. */
  #pauseAfterFailure(): number {
    const maxMs = Math.min(BACKOFF_MAX_MS, Math.max(BACKOFF_BASE_MS, this.#source.intervalMs));
    return backoffDelay(this.#failures++, { baseMs: BACKOFF_BASE_MS, maxMs, random: this.#random });
  }

  async #read(): Promise<readonly SourceEntry[] | SourceError> {
    const { resolvers, timeoutMs, allowEmpty } = this.#source;
    const { clock } = this.#context;
    const questions = new DnsQuestions({ resolvers, timeoutMs, clock });
    this.#questions = questions;
    const cancelTimer = clock.after(ROUND_MS, () => questions.cancel());
    try {
      return await readName(this.#source, questions);
    } catch (error) {
      if (allowEmpty && error instanceof DnsError && error.kind === 'absent') return [];
      return failureOf(error);
    } finally {
      cancelTimer();
      // What is still asked for is of no use any more.
      questions.cancel();
      this.#questions = undefined;
    }
  }
}

function failureOf(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  if (!(error instanceof DnsError)) return new SourceError('the look-up failed', { cause: error });
  if (error.kind !== 'cancelled') return new SourceError(error.message, { cause: error });
  return new SourceError(`the targets were not looked up within ${formatDuration(ROUND_MS)}`, { cause: error });
}
