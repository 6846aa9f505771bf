import type { Request, Response } from '@headgate/proto/generated/headgate/v1/control_plane';
import type { Clock } from '@headgate/shared/clock';
import type { DataPlaneAnswer } from '../fleet/fleet-questions.ts';
import { RefusalError } from './refusal.ts';

/** Questions to one data plane that are not answered yet. */
const MOST_OPEN = 16;
const ANSWER_WITHIN_MS = 5_000;

export interface OpenQuestionsOptions {
  readonly clock: Clock;
  readonly send: (request: Request) => void;
}

/** The questions that one stream has put to its data plane: each gets one answer, in any order. */
export class OpenQuestions {
  readonly #options: OpenQuestionsOptions;
  readonly #open = new Map<number, (answer: DataPlaneAnswer) => void>();
  #last = 0;
  #closed = false;

  constructor(options: OpenQuestionsOptions) {
    this.#options = options;
  }

  ask(question: NonNullable<Request['question']>): Promise<DataPlaneAnswer> {
    if (this.#closed) return Promise.resolve({ kind: 'gone' });
    if (this.#open.size >= MOST_OPEN) return Promise.resolve({ kind: 'busy' });
    const id = ++this.#last;
    return new Promise((resolve) => {
      const settle = (answer: DataPlaneAnswer): void => {
        this.#open.delete(id);
        cancel();
        resolve(answer);
      };
      const cancel = this.#options.clock.after(ANSWER_WITHIN_MS, () => settle({ kind: 'late' }));
      this.#open.set(id, settle);
      this.#options.send({ id, question });
    });
  }

  /** An answer that comes too late is passed over. @throws RefusalError for an answer to what was never asked. */
  answered({ id, answer }: Response): void {
    if (id < 1 || id > this.#last) {
      throw new RefusalError('FAILED_PRECONDITION', `question ${id} was answered, which was not asked`);
    }
    this.#open.get(id)?.(read(answer));
  }

  /** The stream has ended. */
  close(): void {
    this.#closed = true;
    for (const settle of [...this.#open.values()]) settle({ kind: 'gone' });
  }
}

/** Longer reasons are cut: they are shown. */
const REASON_CHARACTERS = 1_000;

function read(answer: Response['answer']): DataPlaneAnswer {
  switch (answer?.$case) {
    case 'explanation':
      return { kind: 'answer', text: answer.value };
    case 'error':
      return { kind: 'failed', reason: answer.value.slice(0, REASON_CHARACTERS) };
    case undefined:
      return { kind: 'failed', reason: 'the answer is of a kind that this control plane does not know' };
  }
}
