import { createHmac } from 'node:crypto';
import { ManualClock } from '@headgate/shared/manual-clock';
import { ServerSlots, type ServerSlot } from '../upstream/server-slots.ts';
import type { SessionKey } from './session-key.ts';
import { SessionValues } from './session-values.ts';

const old: SessionKey = { id: 'old1', secret: Buffer.alloc(32, 1), issuing: true };
const next: SessionKey = { id: 'new2', secret: Buffer.alloc(32, 2), issuing: false };

describe('the cookie values of servers', () => {
  let slots: ServerSlots;
  let values: SessionValues;
  let servers: readonly ServerSlot[];
  beforeEach(() => {
    slots = new ServerSlots();
    values = new SessionValues();
    servers = [1, 2, 3].map((port) => acquire('web', port));
    for (const server of servers) values.add(server);
  });

  function acquire(backend: string, port: number): ServerSlot {
    return slots.acquire({ key: `${backend}/10.0.0.1:${port}`, backend, address: '10.0.0.1', port });
  }

  it('are keyed digests of the name of the server, and the same everywhere', async () => {
    await values.adopt([old]);
    const digest = createHmac('sha256', old.secret).update('web/10.0.0.1:2').digest().subarray(0, 16);
    expect(values.valueFor(servers[1]!)).toBe(`old1.${digest.toString('base64url')}`);
    expect(values.valueFor(servers[1]!)).toHaveLength(4 + 1 + 22);
    const elsewhere = new SessionValues();
    await elsewhere.adopt([
      { ...next, issuing: true },
      { ...old, issuing: false },
    ]);
    const same = new ServerSlots();
    same.acquire({ key: 'other/10.0.0.9:1', backend: 'other', address: '10.0.0.9', port: 1 });
    const there = same.acquire(servers[1]!);
    elsewhere.add(there);
    expect(elsewhere.serverOf(values.valueFor(servers[1]!)!)).toBe(there);
  });

  it('are none without keys, and none to make cookies with without an issuing one', async () => {
    expect(values.valueFor(servers[0]!)).toBeUndefined();
    expect(values.serverOf('')).toBeUndefined();
    await values.adopt([next]);
    expect(values.valueFor(servers[0]!)).toBeUndefined();
  });

  it('are read by every key that holds, and made by the one that issues', async () => {
    await values.adopt([old]);
    const before = values.valueFor(servers[0]!)!;
    await values.adopt([next, old]);
    expect(values.valueFor(servers[0]!)).toBe(before);
    await values.adopt([
      { ...next, issuing: true },
      { ...old, issuing: false },
    ]);
    const after = values.valueFor(servers[0]!)!;
    expect(after).not.toBe(before);
    for (const value of [before, after]) expect(values.serverOf(value)).toBe(servers[0]);
    await values.adopt([{ ...next, issuing: true }]);
    expect(values.serverOf(before)).toBeUndefined();
    expect(values.serverOf(after)).toBe(servers[0]);
  });

  it('are not those of another secret under the same id', async () => {
    await values.adopt([old]);
    const value = values.valueFor(servers[0]!)!;
    await values.adopt([{ ...old, secret: Buffer.alloc(32, 9) }]);
    expect(values.serverOf(value)).toBeUndefined();
  });

  it('name no server for what was never made', async () => {
    await values.adopt([old]);
    const value = values.valueFor(servers[0]!)!;
    for (const forged of ['', '.', 'old1', 'old1.', `${value}x`, value.slice(0, -1), value.toUpperCase(), `x${value}`])
      expect(values.serverOf(forged)).toBeUndefined();
    expect(values.serverOf('x'.repeat(1_000_000))).toBeUndefined();
  });

  it('go with the slot of the server, and never name the one that has it next', async () => {
    await values.adopt([old]);
    const value = values.valueFor(servers[2]!)!;
    slots.onFreed((server) => values.remove(server));
    slots.retire(servers[2]!.key);
    expect(values.serverOf(value)).toBeUndefined();
    expect(values.valueFor(servers[2]!)).toBeUndefined();
    const heir = acquire('api', 9);
    expect(heir.slot).toBe(servers[2]!.slot);
    values.add(heir);
    values.remove(servers[2]!);
    expect(values.serverOf(values.valueFor(heir)!)).toBe(heir);
    expect(values.serverOf(value)).toBeUndefined();
  });

  it('of new keys are computed in slices, for servers that come and go meanwhile too, and hold all at once', async () => {
    const clock = new ManualClock();
    // Every look at the clock finds the slice over.
    const ticking = {
      now: () => 0,
      after: clock.after.bind(clock),
      monotonic: () => (clock.advance(10), clock.monotonic()),
    };
    values = new SessionValues({ clock: ticking });
    const many = Array.from({ length: 200 }, (_, index) => acquire('big', index + 1));
    for (const server of many) values.add(server);
    const adopted = values.adopt([old]);
    const [late, gone] = [acquire('big', 1_000), many[150]!];
    values.add(late);
    values.remove(gone);
    expect(values.valueFor(many[0]!)).toBeUndefined();
    await adopted;
    for (const server of [...many, late].filter((each) => each !== gone))
      expect(values.serverOf(values.valueFor(server)!)).toBe(server);
    expect(values.valueFor(gone)).toBeUndefined();
  });

  it('are those of the newest keys when several sets come at once', async () => {
    const ticking = { now: () => 0, after: () => () => undefined, monotonic: () => performance.now() };
    values = new SessionValues({ clock: ticking, yieldEveryMs: 0 });
    for (let port = 1; port <= 100; port++) values.add(acquire('big', port));
    const newest = { ...next, issuing: true };
    await Promise.all([values.adopt([old]), values.adopt([next, old]), values.adopt([newest])]);
    const server = slots.get('big/10.0.0.1:50')!;
    expect(values.valueFor(server)).toMatch(/^new2\./);
    const digest = createHmac('sha256', old.secret).update(server.key).digest().subarray(0, 16).toString('base64url');
    expect(values.serverOf(`old1.${digest}`)).toBeUndefined();
  });
});
