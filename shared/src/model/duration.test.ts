import fc from 'fast-check';
import { durationMs, durationSchema, formatDuration, parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['0ms', 0],
    ['1500ms', 1_500],
    ['2s', 2_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['010s', 10_000],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each([
    '',
    '2',
    's',
    '-1s',
    '+1s',
    '1.5s',
    '1 s',
    ' 1s',
    '1s ',
    '1s\n',
    '1 fortnight',
    '1d',
    '1S',
    '1e3s',
    '0x1s',
    '٣s',
    '1'.repeat(11) + 's',
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('formatDuration', () => {
  it('takes the largest unit that fits', () => {
    expect([0, 1, 999, 1_000, 1_500, 60_000, 90_000, 3_600_000, 5_400_000].map(formatDuration)).toEqual([
      '0ms',
      '1ms',
      '999ms',
      '1s',
      '1500ms',
      '1m',
      '90s',
      '1h',
      '90m',
    ]);
  });

  it('is read back as the same number', () => {
    fc.assert(fc.property(fc.nat(), (milliseconds) => parseDuration(formatDuration(milliseconds)) === milliseconds));
  });
});

describe('durationMs', () => {
  it('falls back to the default', () => {
    expect([durationMs(undefined, 7), durationMs('2s', 7)]).toEqual([7, 2_000]);
  });
});

describe('durationSchema', () => {
  const schema = durationSchema({ min: '100ms', max: '1h' });

  it('accepts its bounds and refuses what is beyond', () => {
    for (const text of ['100ms', '1h', '60m', '3600s']) expect(schema.safeParse(text).success).toBe(true);
    for (const value of ['99ms', '3601s', '2h', '9999999999h', '0s', 5, null])
      expect(schema.safeParse(value).success).toBe(false);
  });
});
