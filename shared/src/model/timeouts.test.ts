import { resolveTimeouts, timeoutDefaults, timeoutsSchema } from './timeouts.ts';

describe('resolveTimeouts', () => {
  it('fills in the defaults', () => {
    expect(resolveTimeouts()).toEqual(timeoutDefaults);
    expect(resolveTimeouts({ connect: '60s', firstByte: '90s', idle: '60s', tunnelIdle: '2h', drain: '0s' })).toEqual({
      connectMs: 60_000,
      firstByteMs: 90_000,
      idleMs: 60_000,
      tunnelIdleMs: 7_200_000,
      drainMs: 0,
    });
  });

  it('has defaults that its own schema accepts', () => {
    const written = { connect: '3s', firstByte: '60s', idle: '60s', tunnelIdle: '1h', drain: '1h' };
    expect(timeoutsSchema.safeParse(written).success).toBe(true);
    expect(resolveTimeouts(written)).toEqual(timeoutDefaults);
  });

  it.each([{ connect: '0s' }, { connect: '6m' }, { idle: '25h' }, { drain: '-1s' }, { connect: 3 }, { read: '1s' }])(
    'does not accept %j',
    (document) => {
      expect(timeoutsSchema.safeParse(document).success).toBe(false);
    },
  );
});
