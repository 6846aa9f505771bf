import type { Clock } from '@headgate/shared/clock';
import type { ReadableValue } from '@headgate/shared/latest-value';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { convergenceOf, serves, type Convergence, type ConvergenceQuestion } from './convergence.ts';
import type { FleetRegister } from './fleet-register.ts';

export interface ConvergenceWait {
  readonly register: FleetRegister;
  readonly newest: ReadableValue<Snapshot>;
  readonly clock: Clock;
  /** How long to wait at most; 0 answers at once. */
  readonly waitMs: number;
  /** The asker has gone: the promise resolves with how things stand. */
  readonly signal?: AbortSignal;
}

/**
 * Resolves when a version is live everywhere, within the turn in which the last acknowledgement arrives, or when the
 * time is over, with how things stand then.
 *
 * Only those who are in the way are looked at, so that the answers of a thousand data planes do not cost a million
 * comparisons.
 */
export function waitForConvergence(question: ConvergenceQuestion, wait: ConvergenceWait): Promise<Convergence> {
  const { register, newest, clock, signal } = wait;
  const answer = (): Convergence => convergenceOf(register.fleet.value, newest.value.id, question);
  const first = answer();
  if (first.converged || wait.waitMs <= 0 || signal?.aborted === true) return Promise.resolve(first);

  return new Promise((resolve) => {
    const blockers = new Set([...register.fleet.value.keys()].filter((id) => inTheWay(id, question, wait)));
    const stopWatching = register.watch((id) => {
      if (inTheWay(id, question, wait)) blockers.add(id);
      else blockers.delete(id);
      if (blockers.size === 0 && answer().converged) finish();
    });
    const cancelTimer = clock.after(wait.waitMs, finish);
    signal?.addEventListener('abort', finish, { once: true });

    function finish(): void {
      stopWatching();
      cancelTimer();
      signal?.removeEventListener('abort', finish);
      resolve(answer());
    }
  });
}

function inTheWay(id: string, question: ConvergenceQuestion, { register, newest }: ConvergenceWait): boolean {
  const member = register.member(id);
  if (member === undefined || (!member.connected && question.ignoreGone)) return false;
  const { epoch, version } = newest.value.id;
  return !serves({ connected: member.connected, ...member.held }, { epoch, from: question.version, to: version });
}
