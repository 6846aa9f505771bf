import { keepAliveHintMs } from './keep-alive-hint.ts';

describe('keepAliveHintMs', () => {
  it.each([
    [['Keep-Alive', 'timeout=5'], 4_000],
    [['KEEP-ALIVE', 'max=3, timeout=2'], 1_000],
    [['Keep-Alive', 'timeout=1'], 0],
    [['Keep-Alive', 'timeout=0'], 0],
    [['Keep-Alive', 'max=100'], Infinity],
    [['X-Keep', 'timeout=5'], Infinity],
    [[], Infinity],
  ])('reads %j as %d', (fields, ms) => {
    expect(keepAliveHintMs(fields)).toBe(ms);
  });
});
