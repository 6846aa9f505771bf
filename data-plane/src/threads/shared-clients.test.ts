import { createSharedCounts, returnCounts } from '../upstream/shared-counts.ts';
import { SharedClients } from './shared-clients.ts';

describe('the limit on client connections of all threads', () => {
  it('counts them together', () => {
    const counts = createSharedCounts(2);
    const [one, other] = [0, 1].map((thread) => new SharedClients(counts, thread, 3));
    expect([one!.enter(), other!.enter(), one!.enter(), other!.enter(), one!.enter()]).toEqual([
      ...[true, true, true],
      ...[false, false],
    ]);
    one!.leave();
    expect([other!.enter(), other!.enter()]).toEqual([true, false]);
    expect(counts.clients[0]).toBe(3);
    returnCounts(counts, 1, { slots: 0, backends: 0 });
    expect(counts.clients[0]).toBe(1);
    expect([one!.enter(), one!.enter(), one!.enter()]).toEqual([true, true, false]);
  });
});
