import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FleetRegister } from '@headgate/control-plane/fleet/fleet-register';
import { Secrets } from '@headgate/control-plane/secrets/secrets';
import { SessionKeys } from '@headgate/control-plane/session-keys/session-keys';
import { ConfigurationHistory } from '@headgate/control-plane/snapshot/configuration-history.cases';
import { SqliteStore } from '@headgate/control-plane/store/sqlite-store';
import { StreamServer } from '@headgate/control-plane/stream/stream-server';
import { SessionValues } from '@headgate/data-plane/affinity/session-values';
import { ServingState } from '@headgate/data-plane/routing/serving-state';
import { ControlPlaneClient } from '@headgate/data-plane/sync/control-plane-client';
import { DeviationSet } from '@headgate/data-plane/sync/deviation-set.cases';
import { SessionKeyCopy } from '@headgate/data-plane/sync/session-key-copy';
import { SnapshotKeeper } from '@headgate/data-plane/sync/snapshot-keeper';
import { StatusBoard } from '@headgate/data-plane/sync/status-board';
import { DrainTimers } from '@headgate/data-plane/upstream/drain-timers';
import { ServerSlots, type ServerSlot } from '@headgate/data-plane/upstream/server-slots';
import { systemClock } from '@headgate/shared/clock';
import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import { Registry } from 'prom-client';
import { waitUntil } from '../src/harness/wait-until.ts';

const logger = createLogger('test', 'silent');
const hour = 3_600_000;
const who = { author: 'test', message: '', origin: { operation: 'rotateSessionKeys', remote: '' } };

/** The keys of a control plane, from its store to the stream, by a clock that the test moves. */
class Upper {
  readonly clock: ManualClock;
  readonly #closers: (() => Promise<void> | void)[] = [];
  keys!: SessionKeys;
  port = 0;

  private constructor(clock: ManualClock) {
    this.clock = clock;
  }

  static async open(dataDir: string, port = 0, clock = new ManualClock()): Promise<Upper> {
    const upper = new Upper(clock);
    const store = await SqliteStore.open({ dataDir, clock });
    const secrets = await Secrets.create(store.secrets, { keys: {}, clock, logger });
    await secrets.start();
    const keys = await SessionKeys.start({ secrets, clock, logger });
    const { log } = new ConfigurationHistory('own');
    const register = new FleetRegister({ newest: log.latest, clock: systemClock });
    const server = new StreamServer({
      address: { host: '127.0.0.1', port },
      joinTokens: undefined,
      log,
      sessionKeys: keys.keys,
      register,
      logger,
      registry: new Registry(),
      softwareVersion: '1.0.0',
      limits: { drainMs: 100 },
    });
    upper.#closers.push(...[store, secrets, keys, register, server].map((room) => () => room.close()));
    upper.keys = keys;
    upper.port = (await server.start()).port;
    return upper;
  }

  get states(): string {
    return this.keys.keys.value.map(({ state }) => state).join();
  }

  async pass(milliseconds: number, states: string): Promise<void> {
    this.clock.advance(milliseconds);
    await waitUntil(`the keys are ${states}`, () => this.states === states);
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}

/** Sessions of a data plane, from the stream and the state directory to the values of cookies. */
class Lower {
  readonly #client: ControlPlaneClient;
  readonly #copy: SessionKeyCopy;
  readonly #values = new SessionValues();
  readonly server: ServerSlot;

  private constructor(copy: SessionKeyCopy, id: string, port: number) {
    const slots = new ServerSlots();
    this.server = slots.acquire({ key: 'web/10.0.0.1:80', backend: 'web', address: '10.0.0.1', port: 80 });
    this.#values.add(this.server);
    this.#copy = copy;
    copy.keys.subscribe((keys) => void this.#values.adopt(keys));
    const serving = new ServingState({ slots, drains: new DrainTimers({ slots, clock: systemClock }) });
    this.#client = new ControlPlaneClient({
      controlPlanes: [{ host: '127.0.0.1', port }],
      joinToken: undefined,
      identity: { id, labels: {}, softwareVersion: '1.0.0', threads: 1 },
      keeper: new SnapshotKeeper({ applier: serving, clock: systemClock, logger }),
      board: new StatusBoard({ clock: systemClock, logger, registry: new Registry() }),
      deviations: new DeviationSet(),
      sessionKeys: copy,
      explain: () => ({}),
      logger,
      timing: { backoffBaseMs: 10, backoffMaxMs: 20 },
    });
  }

  static async open(id: string, stateDir: string, port: number): Promise<Lower> {
    const path = join(stateDir, `${id}.json`);
    const lower = new Lower(await SessionKeyCopy.open({ path, clock: systemClock, logger }), id, port);
    lower.#client.start();
    return lower;
  }

  /** The value of a new cookie. */
  get value(): string | undefined {
    return this.#values.valueFor(this.server);
  }

  knows(value: string): boolean {
    return this.#values.serverOf(value) === this.server;
  }

  async close(): Promise<void> {
    await this.#client.close();
    await this.#copy.close();
  }
}

describe('the rotation of session keys', () => {
  let directory: string;
  let upper: Upper;
  let planes: Lower[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'headgate-rotation-'));
    upper = await Upper.open(directory);
    planes = await Promise.all(['a', 'b'].map((id) => Lower.open(id, directory, upper.port)));
    await waitUntil('both have the first key', () => planes.every(({ value }) => value !== undefined));
  });
  afterEach(async () => {
    await Promise.all(planes.map((plane) => plane.close()));
    await upper.close();
    await rm(directory, { recursive: true });
  });

  /** Which key makes cookies everywhere, once it is the one that the control plane says. */
  async function converged(): Promise<string> {
    const { id } = upper.keys.keys.value.find(({ state }) => state === 'issuing')!;
    await waitUntil(`cookies are made with ${id}`, () => planes.every(({ value }) => value?.startsWith(`${id}.`)));
    return planes[0]!.value!;
  }

  it('loses no session: what any data plane makes at any time, every other one reads until its grace is over', async () => {
    const first = await converged();
    await upper.keys.rotate({ ...who, graceMs: hour });
    await upper.pass(61_000, 'issuing,retiring');
    // At this moment one data plane may already make cookies with the new key, and another not yet.
    await waitUntil('both make cookies with the new key', () => {
      for (const plane of planes) {
        for (const reader of planes) expect(reader.knows(plane.value!)).toBe(true);
      }
      return planes.every(({ value }) => value !== first);
    });
    for (const plane of planes) expect(plane.knows(first)).toBe(true);
    await upper.pass(hour, 'issuing');
    const second = await converged();
    await waitUntil('the old key is gone everywhere', () => planes.every((plane) => !plane.knows(first)));
    for (const plane of planes) expect(plane.knows(second)).toBe(true);
  });

  it('goes on after a kill at any step, and one that was away for the first step has the key before it is used', async () => {
    const first = await converged();
    await planes[1]!.close();
    await upper.keys.rotate({ ...who, graceMs: hour });
    await upper.pass(30_000, 'accepted,issuing');
    await restart();
    planes[1] = await Lower.open('b', directory, upper.port);
    expect(planes[1].knows(first)).toBe(true);
    await upper.pass(59_000, 'accepted,issuing');
    await upper.pass(2_000, 'issuing,retiring');
    const second = await converged();
    await restart();
    expect(upper.states).toBe('issuing,retiring');
    expect(await converged()).toBe(second);
    for (const plane of planes) expect([plane.knows(first), plane.knows(second)]).toEqual([true, true]);
  });

  /** The same store and port, as after a kill: nothing but the store is handed over. */
  async function restart(): Promise<void> {
    const { port, clock } = upper;
    await upper.close();
    upper = await Upper.open(directory, port, new ManualClock(clock.now()));
  }
});
