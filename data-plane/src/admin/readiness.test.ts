import { notReadyReason } from './readiness.ts';

const ready = { stopping: false, version: 3, synchronised: true, controlPlaneMissed: false };

describe('readiness', () => {
  it('needs a configuration that the control plane has confirmed', () => {
    expect(notReadyReason(ready)).toBeUndefined();
    expect(notReadyReason({ ...ready, version: 0 })).toBe('no_configuration');
    expect(notReadyReason({ ...ready, synchronised: false })).toBe('synchronising');
  });

  it('makes do with the disk copy when no control plane can be reached', () => {
    expect(notReadyReason({ ...ready, synchronised: false, controlPlaneMissed: true })).toBeUndefined();
  });

  it('ends at once when the process is told to stop', () => {
    expect(notReadyReason({ ...ready, stopping: true })).toBe('stopping');
  });
});
