import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { encodeObject, type EncodedObject } from '@headgate/proto/object-codec';
import { systemClock, type Clock } from '@headgate/shared/clock';
import { LatestValue } from '@headgate/shared/latest-value';
import { createLogger } from '@headgate/shared/logger';
import { balanceDefaults } from '@headgate/shared/model/balance';
import { ShardedMap } from '@headgate/shared/sharded-map';
import { SetDigest } from '@headgate/shared/snapshot/set-digest';
import { keyOf, type SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { eventually } from '../proxy/conformance/eventually.ts';
import { forwarderLimitDefaults } from '../proxy/forwarder.ts';
import { NameTable } from '../resolution/name-table.ts';
import { ServingState } from '../routing/serving-state.ts';
import { backend, host, server } from '../routing/snapshot-objects.cases.ts';
import { DrainTimers } from '../upstream/drain-timers.ts';
import type { FollowedChanges } from './followed-changes.ts';
import { ServingThreads } from './serving-threads.ts';
import type { ThreadOrder } from './thread-messages.ts';
import { Threading } from './threading.ts';

const THREADS = 2;
/** Threads that do not follow are given up soon. */
const impatientClock: Clock = {
  ...systemClock,
  after: (delayMs, callback) => systemClock.after(delayMs === 30_000 ? 1_000 : delayMs, callback),
};
const program = join(import.meta.dirname, '..', 'thread-main.ts');

/** An origin whose answers to /hold are kept open until they are let go. */
class Origin {
  readonly held: (() => void)[] = [];
  readonly #server = createServer((incoming, response) => {
    response.writeHead(200);
    if (incoming.url !== '/hold') return void response.end('ok');
    response.write('held');
    this.held.push(() => response.end());
  });

  async start(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** A main thread with real threads, without control plane and prober. */
class Stage {
  readonly threading = new Threading(THREADS, impatientClock);
  readonly workers: Worker[] = [];
  readonly origin = new Origin();
  readonly ejected: string[] = [];
  readonly changes: FollowedChanges;
  readonly #serving: ServingState;
  /** Of the thread that is started next; undefined for the program that threads have. */
  code: string | undefined;
  readonly names = new NameTable();
  readonly threads: ServingThreads;
  port = 0;
  originPort = 0;
  #version = 0;

  constructor() {
    const { threading } = this;
    const clock = systemClock;
    const logger = createLogger('test', 'silent');
    const drains = new DrainTimers({ slots: threading.slots, clock });
    const traffic = threading.places.traffic.bind(threading.places);
    this.#serving = new ServingState({ slots: threading.slots, drains, clock, traffic });
    this.changes = threading.changes(this.#serving, { clock, logger });
    this.threads = new ServingThreads({
      ...threading,
      ...{ changes: this.changes, serving: this.#serving, clock, logger },
      address: { host: '127.0.0.1', port: 0 },
      ejector: { failedInRow: ({ key }, failures) => void this.ejected.push(`${key} ${failures}`) },
      sessionKeys: new LatestValue([]),
      names: this.names,
      settings: {
        ...forwarderLimitDefaults,
        ...{ engine: 'headgate', trustedProxies: [], accessLog: false, versionHeader: true, logLevel: 'silent' },
      },
      createWorker: (order) => this.#createWorker(order),
    });
  }

  static async start(): Promise<Stage> {
    const stage = new Stage();
    stage.originPort = await stage.origin.start();
    const { held, change } = stage.snapshot();
    const prepared = await stage.#serving.prepare(change);
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    prepared.commit();
    stage.changes.begin(held);
    stage.port = (await stage.threads.start()).port;
    return stage;
  }

  async publish(...more: readonly SnapshotObject[]): Promise<void> {
    const { held, change } = this.snapshot(...more);
    const prepared = await this.changes.prepare(change, held);
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    await prepared.commit();
  }

  snapshot(...more: readonly SnapshotObject[]) {
    const id = { epoch: 'e', version: ++this.#version };
    const balance = { ...balanceDefaults, algorithm: 'least_connections' };
    const origin = server('web', this.originPort, { address: '127.0.0.1' });
    const upserts = [backend('web', { balance }), origin, host('a.test', 'web'), ...more];
    const draft = ShardedMap.empty<EncodedObject>().edit();
    for (const object of upserts) draft.set(keyOf(object), encodeObject(object));
    const held = { id, objects: draft.done(), digest: new SetDigest() };
    return { held, change: { id, full: true, upserts, removals: [] } };
  }

  get version(): number {
    return this.#version;
  }

  get inFlight(): number {
    const { slots, counts } = this.threading;
    return [...slots.values()].reduce((sum, { slot }) => sum + counts.inFlight[slot]!, 0);
  }

  /** A request on a connection of its own. */
  async get(path = '/', host = 'a.test'): Promise<IncomingMessage> {
    const asked = request({ port: this.port, host: '127.0.0.1', path, headers: { host }, agent: false });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.on('error', () => undefined);
    answer.resume();
    return answer;
  }

  /** So many requests that stay open, at least one in each thread: which one gets a connection the system says. */
  async hold(): Promise<readonly IncomingMessage[]> {
    const answers: IncomingMessage[] = [];
    const { rows } = this.threading.counts;
    while (rows.some(({ clients }) => clients[0]! < 2)) answers.push(await this.get('/hold'));
    return answers;
  }

  async close(): Promise<void> {
    await this.threads.close();
    await this.origin.stop();
  }

  #createWorker(order: ThreadOrder): Worker {
    const options = { workerData: order, env: {}, execArgv: [] };
    const worker =
      this.code === undefined ? new Worker(program, options) : new Worker(this.code, { ...options, eval: true });
    this.workers[order.thread] = worker;
    return worker;
  }
}

describe('threads that serve traffic', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.start();
  });
  afterEach(() => stage.close());

  it('serve all that is held, and a change has reached all of them when it is committed', async () => {
    for (let change = 0; change < 20; change++) {
      await stage.publish(host(`${change}.test`, 'web'));
      const answers = await Promise.all(Array.from({ length: 8 }, () => stage.get()));
      const versions = answers.map(({ headers }) => headers['headgate-version']);
      expect(versions).toEqual(versions.map(() => String(stage.version)));
    }
    await stage.threads.gather();
    expect(stage.threads.metrics.backends.get('web')?.byStatusClass[2]).toBe(160);
    expect(stage.inFlight).toBe(0);
  });

  it('go where names are that the main thread looks up, also those that take the place of others', async () => {
    const named = server('named', stage.originPort, { address: 'web.test' });
    const publish = () => stage.publish(backend('named'), named, host('named.test', 'named'));
    await publish();
    stage.names.expect('web.test');
    const answers = Array.from({ length: 8 }, () => stage.get('/', 'named.test'));
    stage.names.set('web.test', ['127.0.0.1']);
    for (const answer of await Promise.all(answers)) expect(answer.statusCode).toBe(200);
    await stage.workers[0]!.terminate();
    await eventually(() => stage.threads.replaced === 1 && stage.threads.listening === THREADS, 'another thread');
    for (let round = 0; round < 8; round++) expect((await stage.get('/', 'named.test')).statusCode).toBe(200);
  });

  it('refuse what the main thread refuses, and serve on', async () => {
    const { held, change } = stage.snapshot(host('b.test', 'absent'));
    expect((await stage.changes.prepare(change, held)).ok).toBe(false);
    await stage.publish();
    expect((await stage.get()).statusCode).toBe(200);
  });

  it('lose a thread that is ended: the others serve, its counts return, another takes its place', async () => {
    const held = await stage.hold();
    const before = { all: stage.inFlight, lost: stage.threading.counts.rows[0]!.clients[0]! };
    expect(before.all).toBe(held.length);
    await stage.threads.gather();
    const lost = held.map(
      (answer) => new Promise<boolean>((done) => answer.once('close', () => done(!answer.complete))),
    );
    await stage.workers[0]!.terminate();
    await eventually(() => stage.inFlight === before.all - before.lost, 'the counts of the thread to return');
    expect(stage.threads.open.connections).toBe(before.all - before.lost);
    const answers = await Promise.all(Array.from({ length: 8 }, () => stage.get()));
    expect(answers.every(({ statusCode }) => statusCode === 200)).toBe(true);
    await stage.publish(host('b.test', 'web'));
    await eventually(() => stage.threads.listening === THREADS, 'another thread to listen');
    expect(stage.threads.replaced).toBe(1);
    await stage.publish(host('c.test', 'web'));
    const rounds = await Promise.all(Array.from({ length: 16 }, () => stage.get()));
    expect(new Set(rounds.map(({ headers }) => headers['headgate-version']))).toEqual(new Set([String(stage.version)]));
    for (const letGo of stage.origin.held) letGo();
    expect((await Promise.all(lost)).filter((cut) => cut)).toHaveLength(before.lost);
    await eventually(() => stage.inFlight === 0, 'nothing to be in flight');
    await stage.threads.gather();
    const counted = stage.threads.metrics.backends.get('web')!.byStatusClass[2]!;
    expect(counted).toBe(24 + before.all - before.lost);
  });

  it('tell what they have counted when an exception ends them', async () => {
    stage.code = `import(${JSON.stringify(program)});
      require('node:worker_threads').parentPort.on('message', ({ kind }) => {
        if (kind === 'wake') throw new Error('out of order');
      });`;
    await stage.workers[0]!.terminate();
    await eventually(
      () => stage.threads.replaced === 1 && stage.threads.listening === THREADS,
      'the replacement to listen',
    );
    stage.code = undefined;
    let sent = 0;
    const { rows } = stage.threading.counts;
    while (rows[0]!.clients[0] === 0) sent += Number((await stage.get('/hold')).statusCode === 200);
    for (const letGo of stage.origin.held) letGo();
    await eventually(() => stage.inFlight === 0, 'nothing to be in flight');
    stage.workers[0]!.postMessage({ kind: 'wake' });
    await eventually(
      () => stage.threads.replaced === 2 && stage.threads.listening === THREADS,
      'the next one to listen',
    );
    await stage.threads.gather();
    expect(stage.threads.metrics.backends.get('web')!.byStatusClass[2]).toBe(sent);
  });

  it('are brought up while changes come', async () => {
    for (let change = 0; change < 60; change++) {
      if (change === 10) void stage.workers[0]!.terminate();
      await stage.publish(
        host('b.test', 'web'),
        server('web', 1 + change, { address: '127.0.0.1', weight: 1 + change }),
      );
    }
    await eventually(
      () => stage.threads.replaced === 1 && stage.threads.listening === THREADS,
      'the next one to listen',
    );
    await stage.publish();
    const answers = await Promise.all(Array.from({ length: 16 }, () => stage.get()));
    const seen = answers.map(({ statusCode, headers }) => `${statusCode} ${String(headers['headgate-version'])}`);
    expect(new Set(seen)).toEqual(new Set([`200 ${stage.version}`]));
    await eventually(() => stage.threading.slots.size === 1, 'servers that have left to be let go of');
  });

  it('are given up when they do not follow a change', async () => {
    stage.code = `require('node:worker_threads').parentPort.on('message', ({ kind }) => {
        while (kind === 'prepare');
      });
      import(${JSON.stringify(program)});`;
    await stage.workers[0]!.terminate();
    await eventually(
      () => stage.threads.replaced === 1 && stage.threads.listening === THREADS,
      'the replacement to listen',
    );
    stage.code = undefined;
    await stage.publish(host('b.test', 'web'));
    await eventually(
      () => stage.threads.replaced === 2 && stage.threads.listening === THREADS,
      'the next one to listen',
    );
    const answers = await Promise.all(Array.from({ length: 8 }, () => stage.get()));
    expect(answers.map(({ headers }) => headers['headgate-version'])).toEqual(answers.map(() => String(stage.version)));
  });

  it('end what is under way before they stop, and take nothing new', async () => {
    const held = await stage.hold();
    stage.threads.beginDrain();
    const stopped = stage.threads.stopAccepting();
    const ends = held.map((answer) => once(answer, 'end'));
    for (const letGo of stage.origin.held) letGo();
    await Promise.all([stopped, ...ends]);
    await expect(stage.get()).rejects.toThrow('ECONNREFUSED');
    await eventually(() => stage.threads.open.connections === 0, 'all connections to be closed');
    expect([stage.inFlight, stage.threads.open.tunnels]).toEqual([0, 0]);
  });
});

describe('starting threads', () => {
  it('fails where somebody listens already', async () => {
    const other = createTcpServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const stage = new Stage();
    const { size, ...parts } = stage.threading;
    const logger = createLogger('test', 'silent');
    const serving = new ServingState({
      ...{ slots: parts.slots, drains: new DrainTimers({ slots: parts.slots, clock: systemClock }) },
    });
    const threads = new ServingThreads({
      ...{ ...parts, size, changes: stage.changes, serving, clock: systemClock, logger },
      address: { host: '127.0.0.1', port },
      ejector: { failedInRow: () => undefined },
      sessionKeys: new LatestValue([]),
      names: new NameTable(),
      settings: {
        ...forwarderLimitDefaults,
        ...{ engine: 'headgate', trustedProxies: [], accessLog: false, versionHeader: false, logLevel: 'silent' },
      },
    });
    await expect(threads.start()).rejects.toThrow('EADDRINUSE');
    other.close();
  });
});
