import { readArguments } from './read-arguments.ts';

const known = ['proxy-cost', 'threads'];

describe('the arguments of the benchmark', () => {
  it('are all parts when none is named', () => {
    expect(readArguments([], known)).toEqual({ names: [], rounds: 5 });
  });

  it('are parts and rounds', () => {
    expect(readArguments(['threads', '--rounds=12'], known)).toEqual({ names: ['threads'], rounds: 12 });
  });

  it.each(['proxy', '--rounds=0', '--rounds=x', '--rounds'])('refuse %s and say what there is', (argument) => {
    expect(() => readArguments([argument], known)).toThrow(
      `${argument}? There is --rounds=N, and the parts proxy-cost`,
    );
  });
});
