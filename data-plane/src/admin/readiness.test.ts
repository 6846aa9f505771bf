import { notReadyReason, type ReadinessInput, type ReadinessPolicy } from './readiness.ts';

const ready: ReadinessInput = {
  stopping: false,
  version: 3,
  synchronised: true,
  confirmed: true,
  controlPlaneMissed: false,
  staleForMs: undefined,
};
const defaults: ReadinessPolicy = { startFromCopy: true, staleAfterMs: undefined };

function reason(input: Partial<ReadinessInput>, policy: Partial<ReadinessPolicy> = {}): string | undefined {
  return notReadyReason({ ...ready, ...input }, { ...defaults, ...policy });
}

describe('readiness', () => {
  it('needs a configuration that the control plane has confirmed', () => {
    expect(reason({})).toBeUndefined();
    expect(reason({ version: 0 })).toBe('no_configuration');
    expect(reason({ synchronised: false, confirmed: false })).toBe('synchronising');
  });

  it('makes do with the disk copy when no control plane can be reached', () => {
    expect(reason({ synchronised: false, confirmed: false, controlPlaneMissed: true })).toBeUndefined();
  });

  it('waits for a control plane to confirm the copy where that is wanted, whatever else it says', () => {
    const strict = { startFromCopy: false };
    expect(reason({ synchronised: false, confirmed: false, controlPlaneMissed: true }, strict)).toBe('unconfirmed');
    expect(reason({ confirmed: false }, strict)).toBe('unconfirmed');
    expect(reason({ controlPlaneMissed: true, staleForMs: 1e9 }, strict)).toBeUndefined();
  });

  it('bears any age, unless there is a limit', () => {
    expect(reason({ staleForMs: 1e12 })).toBeUndefined();
    expect(reason({ staleForMs: 60_000 }, { staleAfterMs: 60_000 })).toBeUndefined();
    expect(reason({ staleForMs: 60_001 }, { staleAfterMs: 60_000 })).toBe('stale');
    expect(reason({ staleForMs: undefined }, { staleAfterMs: 0 })).toBeUndefined();
  });

  it('ends at once when the process is told to stop', () => {
    expect(reason({ stopping: true })).toBe('stopping');
  });

  it('ends while nothing accepts requests', () => {
    expect(reason({ listening: false })).toBe('not_listening');
  });
});
