import { inRounds } from './in-rounds.ts';

describe('rounds', () => {
  it('measure each contender once, and begin with another one each time', async () => {
    const order: string[] = [];
    const contenders = ['a', 'b', 'c'].map((name) => ({ name }));
    const samples = await inRounds(contenders, 3, async ({ name }) => order.push(name));
    expect(order.join('')).toBe('abcbcacab');
    expect([...samples]).toEqual([
      ['a', [1, 6, 8]],
      ['b', [2, 4, 9]],
      ['c', [3, 5, 7]],
    ]);
  });
});
