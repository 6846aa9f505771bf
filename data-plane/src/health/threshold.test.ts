import fc from 'fast-check';
import { verdict, type VerdictNumber } from '../upstream/server-slots.ts';
import { applyResult, startThreshold, type ThresholdState } from './threshold.ts';

const outcomes = { '+': 'success', '-': 'connect_failed', '?': 'local_failure' } as const;
const limits = { rise: 2, fall: 3 };

/** Verdicts after each result: + is a success, - a failure, ? one of this machine's own. */
function run(from: VerdictNumber, results: string, { rise, fall } = limits): string {
  let state: ThresholdState = startThreshold(from);
  return [...results]
    .map((result) => {
      const step = applyResult(state, outcomes[result as keyof typeof outcomes], { rise, fall });
      state = step.state;
      return 'uhd'[state.verdict]! + (step.flipped ? '!' : '');
    })
    .join(' ');
}

describe('applyResult', () => {
  it('lets the first answer of an unknown server decide alone', () => {
    expect(run(verdict.unknown, '+')).toBe('h!');
    expect(run(verdict.unknown, '-')).toBe('d!');
  });

  it('turns a healthy server after exactly fall failures in a row', () => {
    expect(run(verdict.healthy, '---')).toBe('h h d!');
    expect(run(verdict.healthy, '--+--+---')).toBe('h h h h h h h h d!');
  });

  it('turns an unhealthy server after exactly rise successes in a row', () => {
    expect(run(verdict.unhealthy, '++')).toBe('d h!');
    expect(run(verdict.unhealthy, '+-+-++')).toBe('d d d d d h!');
  });

  it('does not count results towards the next turn that came before the last one', () => {
    expect(run(verdict.healthy, '-----+-+')).toBe('h h d! d d d d d');
  });

  it('turns at once where the thresholds are 1', () => {
    expect(run(verdict.unknown, '+-+', { rise: 1, fall: 1 })).toBe('h! d! h!');
  });

  it('neither counts nor forgets anything when this machine was at fault', () => {
    expect(run(verdict.unknown, '???')).toBe('u u u');
    expect(run(verdict.healthy, '-?-?-')).toBe('h h h h d!');
    expect(run(verdict.unhealthy, '??+?+')).toBe('d d d d h!');
  });

  it('turns exactly where a count of the last results says so', () => {
    const inputs = fc.tuple(
      fc.array(fc.boolean(), { minLength: 1 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
    );
    fc.assert(
      fc.property(inputs, ([results, rise, fall]) => {
        let state = startThreshold(verdict.unknown);
        let expected: boolean = results[0]!;
        results.forEach((success, index) => {
          state = applyResult(state, success ? 'success' : 'timeout', { rise, fall }).state;
          const needed = expected ? fall : rise;
          const last = results.slice(Math.max(0, index + 1 - needed), index + 1);
          if (last.length === needed && last.every((each) => each !== expected)) expected = !expected;
          expect(state.verdict === verdict.healthy).toBe(expected);
        });
      }),
    );
  });
});
