import { HeadgateError } from '@headgate/shared/error';
import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import type { RegistrationDocument } from '@headgate/shared/model/registration';
import type { ServerDocument } from '@headgate/shared/model/server';
import { MemoryMembership } from '../membership/membership.cases.ts';
import type { PauseChange } from './lease-table.ts';
import type { RegisteredServer } from './registered-server.ts';
import { findBackends } from './registration-lookup.ts';
import { registrationOwner, Registrations } from './registrations.ts';

const full = new HeadgateError('HEADGATE_STORE_FULL', 'The disk is full');

/** Port names the server; without a weight it is what it was. */
function server(port: number, weight?: number): RegisteredServer {
  const named = { address: '10.0.0.1', port };
  const endpoint = `10.0.0.1:${port}`;
  if (weight === undefined) return { endpoint, documentAfter: (before) => before ?? named };
  return { endpoint, documentAfter: () => ({ ...named, weight }) };
}

describe('registrations', () => {
  const backends = new Map<string, { registration?: RegistrationDocument }>();
  const findBackend = findBackends((name) => backends.get(name));
  const logger = createLogger('test', 'silent');
  let clock: ManualClock;
  let membership: MemoryMembership;
  let registrations: Registrations;
  let pauses: PauseChange[];

  function start(): void {
    registrations = new Registrations({ writer: membership, findBackend, clock, logger });
    registrations.onPause((change) => pauses.push(change));
    registrations.start();
  }

  beforeEach(() => {
    backends.clear();
    backends.set('web', { registration: {} });
    backends.set('static', {});
    clock = new ManualClock();
    membership = new MemoryMembership();
    pauses = [];
    start();
  });
  afterEach(() => registrations.close());

  /** What has been promised, so far. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const register = (...servers: readonly RegisteredServer[]) => registrations.register('web', servers);
  const members = (): readonly ServerDocument[] =>
    [...(membership.membersOf(registrationOwner).get('web')?.values() ?? [])].map(({ document }) => document);
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000);
      await settle();
    }
  }

  it('are durable when they are answered', async () => {
    membership.hold();
    let answered = false;
    const done = register(server(1)).then((results) => {
      answered = true;
      return results;
    });
    await settle();
    expect([answered, registrations.status('web').servers]).toEqual([false, []]);
    membership.release();
    expect(await done).toEqual([
      { endpoint: '10.0.0.1:1', created: true, changed: true, ttlMs: 30_000, expiresAt: clock.now() + 30_000 },
    ]);
    expect(members()).toEqual([{ address: '10.0.0.1', port: 1 }]);
  });

  it('are renewed without a write as long as nothing changes', async () => {
    await register(server(1, 3));
    for (let beat = 0; beat < 20; beat++) {
      await pass(10);
      const [result] = await register(server(1));
      expect(result).toMatchObject({ created: false, changed: false, expiresAt: clock.now() + 30_000 });
    }
    expect([membership.asked, members()]).toEqual([1, [{ address: '10.0.0.1', port: 1, weight: 3 }]]);
  });

  it('are answered at once when nothing changes, whatever the store does', async () => {
    await register(server(1));
    membership.hold();
    await register(server(1));
    membership.fail(full);
    await register(server(1));
    membership.release();
    expect(registrations.heartbeats).toBe(3);
  });

  it('are written anew when weight or metadata change, and keep since when they are there', async () => {
    await register(server(1));
    const since = clock.now();
    await pass(5);
    expect(await register(server(1, 7))).toMatchObject([{ created: false, changed: true }]);
    expect(membership.writes).toBe(2);
    expect(registrations.status('web').servers).toMatchObject([{ document: { weight: 7 }, since }]);
  });

  it('of the same server at the same time are one write', async () => {
    membership.hold();
    const both = [register(server(1, 2)), register(server(1, 2)), register(server(1))];
    await settle();
    membership.release();
    for (const [result] of await Promise.all(both)) expect(result).toMatchObject({ created: true });
    expect(membership.asked).toBe(1);
  });

  it('of the same server with other content come one after the other, the last one counts', async () => {
    membership.hold();
    const both = [register(server(1, 2)), register(server(1, 3))];
    await settle();
    expect(membership.asked).toBe(1);
    membership.release();
    await Promise.all(both);
    expect([membership.asked, members()]).toMatchObject([2, [{ weight: 3 }]]);
  });

  it('of many servers are one write', async () => {
    await register(...Array.from({ length: 100 }, (_, index) => server(index + 1)));
    expect([membership.asked, members().length]).toEqual([1, 100]);
  });

  it('that a removal follows are removed after they were written', async () => {
    membership.hold();
    const registered = register(server(1));
    const removed = registrations.remove({ backend: 'web', endpoint: '10.0.0.1:1' });
    const again = register(server(2));
    await settle();
    membership.release();
    await Promise.all([registered, again]);
    expect(await removed).toEqual({ changed: true });
    expect(members()).toEqual([{ address: '10.0.0.1', port: 2 }]);
    expect(registrations.counts()).toEqual(new Map([['web', 1]]));
  });

  it('that follow a removal come back', async () => {
    await register(server(1));
    membership.hold();
    const removed = registrations.remove({ backend: 'web', endpoint: '10.0.0.1:1' });
    const registered = register(server(1));
    await settle();
    membership.release();
    expect(await removed).toEqual({ changed: true });
    expect(await registered).toMatchObject([{ created: true }]);
    expect(registrations.counts()).toEqual(new Map([['web', 1]]));
  });

  it('can be removed when they are not there', async () => {
    expect(await registrations.remove({ backend: 'web', endpoint: '10.0.0.1:1' })).toEqual({ changed: false });
    expect(membership.asked).toBe(0);
  });

  it('fail with the store, and leave nothing behind', async () => {
    membership.fail(full);
    await expect(register(server(1))).rejects.toMatchObject({ code: 'HEADGATE_STORE_FULL' });
    expect(registrations.counts()).toEqual(new Map());
    membership.fail(undefined);
    expect(await register(server(1))).toMatchObject([{ created: true }]);
  });

  it('stay as they were when a change fails, and the heartbeat counts', async () => {
    await register(server(1, 1));
    await pass(20);
    membership.fail(full);
    await expect(register(server(1, 9))).rejects.toThrow(full);
    await pass(20);
    expect(members()).toMatchObject([{ weight: 1 }]);
  });

  it('stay when their removal fails', async () => {
    await register(server(1));
    membership.fail(full);
    await expect(registrations.remove({ backend: 'web', endpoint: '10.0.0.1:1' })).rejects.toThrow(full);
    expect([members().length, registrations.counts().get('web')]).toEqual([1, 1]);
  });

  it('expire without heartbeats, durably', async () => {
    await register(server(1), { ...server(2), ttlMs: 5_000 });
    await pass(6);
    expect(members()).toMatchObject([{ port: 1 }]);
    await pass(25);
    expect([members(), registrations.expired]).toEqual([[], 2]);
  });

  it('whose expiry the store refuses go later', async () => {
    await register(server(1));
    membership.fail(full);
    await pass(31);
    expect([members().length, registrations.expired]).toEqual([1, 0]);
    membership.fail(undefined);
    await pass(61);
    expect([members().length, registrations.expired]).toEqual([0, 1]);
  });

  it('that come back while their expiry is written are there in the end', async () => {
    await register(server(1));
    membership.hold();
    await pass(31);
    const back = register(server(1));
    await settle();
    membership.release();
    expect(await back).toMatchObject([{ created: true }]);
    await pass(20);
    expect(members()).toHaveLength(1);
  });

  it('of most servers falling silent at once pause, say so, and go on', async () => {
    const all = Array.from({ length: 5 }, (_, index) => server(index + 1));
    await register(...all);
    await pass(60);
    expect(pauses).toEqual([{ kind: 'begins', backend: 'web', silent: 5, leases: 5 }]);
    expect([registrations.paused(), members().length]).toEqual([['web'], 5]);
    expect(registrations.status('web').pausedUntil).toBe(clock.now() + 300_000 - 30_000);
    await register(...all);
    await pass(1);
    expect(pauses.at(-1)).toEqual({ kind: 'ends', backend: 'web', reason: 'heartbeats', expired: 0 });
    expect(registrations.status('web')).toMatchObject({ pausedUntil: undefined });
    await pass(31 + 300);
    expect([members(), registrations.expired]).toEqual([[], 5]);
  });

  it('get a full time after a restart, the longest that any may have', async () => {
    await register(server(1), server(2));
    await pass(25);
    await registrations.close();
    start();
    expect(registrations.status('web').servers).toMatchObject([{ lastHeartbeat: undefined, ttlMs: 60_000 }, {}]);
    await pass(59);
    await register(server(1));
    await pass(2);
    expect(members()).toMatchObject([{ port: 1 }]);
  });

  it('do not mind jumps of the wall clock', async () => {
    await register(server(1));
    clock.jump(7_200_000);
    await pass(25);
    clock.jump(-86_400_000);
    await pass(4);
    expect(members()).toHaveLength(1);
    await pass(2);
    expect(members()).toHaveLength(0);
  });

  it('show when they were heard of, and for how long they count', async () => {
    await register(server(2), server(1));
    await pass(12);
    await register(server(1));
    await pass(3);
    const now = clock.now();
    expect(registrations.status('web').servers).toMatchObject([
      { endpoint: '10.0.0.1:1', since: now - 15_000, lastHeartbeat: now - 3_000, ttlMs: 30_000, expiresInMs: 27_000 },
      { endpoint: '10.0.0.1:2', since: now - 15_000, lastHeartbeat: now - 15_000, expiresInMs: 15_000 },
    ]);
  });

  it('are refused where there is no backend, or none that takes them', async () => {
    await expect(registrations.register('nowhere', [server(1)])).rejects.toMatchObject({ code: 'HEADGATE_NOT_FOUND' });
    await expect(registrations.register('static', [server(1)])).rejects.toMatchObject({
      code: 'HEADGATE_NO_REGISTRATIONS',
      message: expect.stringContaining('set registration on it') as string,
    });
    expect(() => registrations.status('nowhere')).toThrow('backend nowhere');
    await expect(registrations.remove({ backend: 'nowhere', endpoint: '10.0.0.1:1' })).rejects.toThrow('nowhere');
  });

  it('are no more than the backend takes, those that are being written included', async () => {
    backends.set('web', { registration: { maxServers: 2 } });
    membership.hold();
    const first = register(server(1));
    const second = register(server(2));
    await settle();
    await expect(register(server(3))).rejects.toMatchObject({ faults: [{ code: 'too_many' }] });
    membership.release();
    await Promise.all([first, second]);
    await expect(register(server(1), server(3))).rejects.toMatchObject({ code: 'HEADGATE_INVALID' });
    await register(server(1, 5), server(2));
    expect(members()).toHaveLength(2);
  });

  it('go when the backend takes no registrations any more, all of them', async () => {
    await register(...Array.from({ length: 5 }, (_, index) => server(index + 1)));
    backends.set('web', {});
    await pass(31);
    expect([members(), pauses]).toEqual([[], []]);
  });

  it('come back to a backend that was deleted and created anew', async () => {
    await register(server(1));
    membership.drop(registrationOwner, 'web');
    expect(registrations.status('web').servers).toEqual([]);
    expect(await register(server(1))).toMatchObject([{ created: true }]);
    await pass(29);
    expect(members()).toHaveLength(1);
  });
});
