import { Request, SnapshotUpdate, type Response } from '@headgate/proto/generated/headgate/v1/control_plane';
import { ManualClock } from '@headgate/shared/manual-clock';
import { Registry } from 'prom-client';
import { eventually } from '../proxy/conformance/eventually.ts';
import { backend } from '../routing/snapshot-objects.cases.ts';
import { ControlPlaneClient } from './control-plane-client.ts';
import { DeviationSet } from './deviation-set.cases.ts';
import { say, ScriptedControlPlane, welcome } from './scripted-control-plane.cases.ts';
import { StatusBoard } from './status-board.ts';
import type { SyncStatus } from './sync-status.ts';
import type { MapApplier } from './sync-stage.cases.ts';
import { openKeeper, silent, VersionedObjects } from './sync-stage.cases.ts';

describe('the client of control planes', () => {
  let controlPlane: ScriptedControlPlane;
  let clock: ManualClock;
  let board: StatusBoard;
  let applier: MapApplier;
  let client: ControlPlaneClient;
  let source: VersionedObjects;
  let inFlight: Map<string, number>;
  beforeEach(async () => {
    controlPlane = new ScriptedControlPlane();
    clock = new ManualClock();
    inFlight = new Map([['web/10.0.0.1:80', 2]]);
    board = new StatusBoard({ clock, logger: silent, registry: new Registry() });
    const { keeper, applier: itsApplier } = openKeeper();
    applier = itsApplier;
    client = new ControlPlaneClient({
      controlPlanes: [{ host: '127.0.0.1', port: await controlPlane.start() }],
      joinToken: 'token',
      identity: { id: 'dp', labels: { zone: 'a' }, softwareVersion: '1.0.0', threads: 2 },
      keeper,
      board,
      deviations: new DeviationSet(),
      load: { busy: () => inFlight },
      explain: (question) => ({ asked: question }),
      logger: silent,
      clock,
      random: () => 0.999,
      limits: { objects: 3 },
    });
    source = new VersionedObjects('e');
  });
  afterEach(async () => {
    await client.close();
    controlPlane.close();
  });

  function status(): SyncStatus {
    return board.status.value;
  }

  /** The full snapshot of `source` as one chunk. */
  function update(more: Parameters<typeof SnapshotUpdate.fromPartial>[0] = {}): Parameters<typeof say>[1] {
    const { upserts, digest } = source.full();
    const all = { ...source.id, baseVersion: 0, upserts: [...upserts], last: true, digest, ...more };
    return { $case: 'update', value: SnapshotUpdate.fromPartial(all as typeof more) };
  }

  it('introduces itself with what it holds, on every stream with the same process', async () => {
    controlPlane.script = (stream) => {
      say(stream, welcome());
      say(stream, update());
    };
    source.change({ put: [backend('web')] });
    client.start();
    await eventually(() => controlPlane.of('ack').length === 1, 'the update is accepted');
    controlPlane.streams[0]!.end();
    await eventually(() => !status().connected && status().lastError !== undefined, 'the end is noticed');
    clock.advance(100);
    await eventually(() => controlPlane.of('hello').length === 2, 'it says hello again');
    const [first, second] = controlPlane.of('hello');
    const identity = { dataPlaneId: 'dp', labels: { zone: 'a' }, softwareVersion: '1.0.0', threads: 2 };
    expect(first).toMatchObject({ ...identity, epoch: '', version: 0 });
    expect(first!.digest).toHaveLength(0);
    expect(second).toMatchObject({ ...identity, epoch: 'e', version: 2, processUuid: first!.processUuid });
    expect(second!.digest).toEqual(source.digest);
    expect(controlPlane.streams[0]!.metadata.get('authorization')).toEqual(['Bearer token']);
  });

  it('says nothing but hello before it is welcome', async () => {
    client.start();
    await eventually(() => controlPlane.heard.length > 0, 'it says hello');
    clock.advance(9_000);
    say(controlPlane.streams[0]!, { $case: 'ping', value: { nonce: 3 } });
    await eventually(() => controlPlane.of('liveness').length === 1, 'it answers a ping');
    expect(controlPlane.heard.map(({ $case }) => $case)).toEqual(['hello', 'liveness']);
    say(controlPlane.streams[0]!, welcome());
    await eventually(() => controlPlane.of('health').length === 1, 'it reports');
    expect(controlPlane.of('health')).toEqual([{ full: true, deviations: [], cleared: [] }]);
  });

  it('tells a control plane that asks for it what is in flight, on each stream from the beginning', async () => {
    controlPlane.script = (stream) => say(stream, welcome({ features: ['load'] }));
    client.start();
    await eventually(() => controlPlane.of('load').length === 1, 'it reports');
    await eventually(() => clock.pending === 2, 'the report has left');
    inFlight.set('web/10.0.0.1:80', 1);
    clock.advance(2_000);
    await eventually(() => controlPlane.of('load').length === 2, 'it reports the difference');
    const loads = [{ server: 'web/10.0.0.1:80', inFlight: 1 }];
    expect(controlPlane.of('load')[1]).toEqual({ full: false, loads });
    controlPlane.streams[0]!.end();
    await eventually(() => !status().connected, 'the end is noticed');
    clock.advance(100);
    await eventually(() => controlPlane.of('load').length === 3, 'it reports again');
    expect(controlPlane.of('load')[2]).toEqual({ full: true, loads });
  });

  it('says nothing of load to a control plane that does not ask for it', async () => {
    controlPlane.script = (stream) => say(stream, welcome({ features: ['another'] }));
    client.start();
    await eventually(() => controlPlane.of('health').length === 1, 'it reports health');
    clock.advance(10_000);
    await eventually(() => controlPlane.of('liveness').length === 1, 'it is there ten seconds later');
    expect(controlPlane.of('load')).toEqual([]);
  });

  it('gives up a control plane that does not welcome it in ten seconds', async () => {
    client.start();
    await eventually(() => controlPlane.heard.length > 0, 'it says hello');
    clock.advance(10_000);
    await eventually(() => status().lastError !== undefined, 'it has given up');
    expect(status()).toMatchObject({ connected: false, lastError: { reason: 'no welcome within 10000 ms' } });
  });

  it('shows that it is there every ten seconds', async () => {
    controlPlane.script = (stream) => say(stream, welcome());
    client.start();
    await eventually(() => status().connected, 'it is welcome');
    for (const nonces of [[0], [0, 0]]) {
      clock.advance(10_000);
      await eventually(() => controlPlane.of('liveness').length === nonces.length, 'it shows that it is there');
    }
  });

  it('answers a ping while it applies an update', async () => {
    let open: () => void = () => undefined;
    applier.gate = new Promise((resolve) => (open = resolve));
    controlPlane.script = (stream) => {
      say(stream, welcome());
      say(stream, update());
      say(stream, { $case: 'ping', value: { nonce: 77 } });
    };
    client.start();
    await eventually(() => controlPlane.of('liveness').length === 1, 'the ping is answered');
    expect(controlPlane.of('liveness')).toEqual([{ nonce: 77 }]);
    expect(controlPlane.of('ack')).toEqual([]);
    open();
    await eventually(() => controlPlane.of('ack').length === 1, 'the update is accepted');
  });

  it('says hello again only when what is being applied is decided, so that it says what it holds', async () => {
    source.change({ put: [backend('web')] });
    let open: () => void = () => undefined;
    applier.gate = new Promise((resolve) => (open = resolve));
    controlPlane.script = (stream) => {
      say(stream, welcome());
      say(stream, update());
    };
    client.start();
    await eventually(() => applier.changes.length === 1, 'the update is being applied');
    controlPlane.script = () => undefined;
    controlPlane.streams[0]!.end();
    await eventually(() => !status().connected, 'the end is noticed');
    clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
    open();
    clock.advance(60_000);
    await eventually(() => controlPlane.of('hello').length === 2, 'it says hello again');
    expect(controlPlane.of('hello')[1]).toMatchObject({ epoch: 'e', version: 2 });
    expect(status()).toMatchObject({ connected: false, id: { version: 2 } });
  });

  it('cuts the texts of a refusal, which must fit into a message', async () => {
    const long = 'x'.repeat(100_000);
    applier.faults = Array.from({ length: 150 }, () => ({ object: long, field: long, code: 'bad', reason: long }));
    controlPlane.script = (stream) => {
      say(stream, welcome());
      say(stream, update());
    };
    client.start();
    await eventually(() => controlPlane.of('nack').length === 1, 'the update is refused');
    const [nack] = controlPlane.of('nack');
    expect(nack).toMatchObject({ epoch: 'e', version: 1, totalFaults: 150 });
    expect(nack!.faults).toHaveLength(100);
    expect(nack!.faults[0]!.reason).toHaveLength(1_000);
    expect(status()).toMatchObject({ connected: true, synchronised: true, lastNack: { id: { version: 1 } } });
  });

  it('refuses an update with more objects than it takes', async () => {
    source.change({ put: ['a', 'b', 'c', 'd'].map((name) => backend(name)) });
    controlPlane.script = (stream) => {
      say(stream, welcome());
      say(stream, update());
    };
    client.start();
    await eventually(() => controlPlane.of('nack').length === 1, 'the update is refused');
    expect(controlPlane.of('nack')[0]!.faults[0]!.code).toBe('too_large');
  });

  it('passes over a message of a kind that it does not know', async () => {
    controlPlane.script = (stream) => {
      say(stream, undefined);
      say(stream, welcome());
      say(stream, undefined);
      say(stream, update());
    };
    client.start();
    await eventually(() => controlPlane.of('ack').length === 1, 'the update is accepted');
  });

  describe('asked how it would serve a request', () => {
    async function ask(request: Parameters<typeof Request.fromPartial>[0]): Promise<unknown> {
      controlPlane.script = (stream) => {
        say(stream, welcome());
        say(stream, { $case: 'request', value: Request.fromPartial(request) });
      };
      client.start();
      await eventually(() => controlPlane.of('response').length === 1, 'it answers');
      return controlPlane.of('response')[0];
    }

    it('says at its hello that it can, and answers in JSON', async () => {
      const headers = [
        { name: 'cookie', value: 'a=1' },
        { name: 'cookie', value: 'b=2' },
      ];
      const value = { method: 'GET', url: '/x', headers, clientAddress: '' };
      const answer = (await ask({ id: 7, question: { $case: 'explain', value } })) as Response;
      expect(controlPlane.of('hello')[0]!.features).toEqual(['explain']);
      expect(answer.id).toBe(7);
      expect(answer.answer?.$case).toBe('explanation');
      expect(JSON.parse(answer.answer!.value)).toEqual({
        asked: { method: 'GET', url: '/x', headers, clientAddress: '127.0.0.1' },
      });
    });

    it('says what is wrong with a question', async () => {
      const value = { method: 'GET', url: '', headers: [], clientAddress: 'nobody' };
      const answer = await ask({ id: 1, question: { $case: 'explain', value } });
      expect(answer).toMatchObject({ id: 1, answer: { $case: 'error' } });
      expect(JSON.stringify(answer)).toMatch(/url.*clientAddress/);
    });

    it('says that it does not know a question of a kind that came later', async () => {
      expect(await ask({ id: 2 })).toMatchObject({ id: 2, answer: { $case: 'error' } });
    });
  });

  it.each<[string, () => Parameters<typeof say>[1][]]>([
    ['an update before welcome', () => [update()]],
    ['welcome twice', () => [welcome(), welcome()]],
    ['a chunk out of order', () => [welcome(), update({ chunk: 1 })]],
    ['an update before the last one was answered', () => [welcome(), update(), update()]],
  ])('breaks off when there is %s, and comes back', async (_, messages) => {
    let open: () => void = () => undefined;
    applier.gate = new Promise((resolve) => (open = resolve));
    controlPlane.script = (stream) => messages().forEach((message) => say(stream, message));
    client.start();
    await eventually(() => status().lastError !== undefined, 'it has broken off');
    expect(status().lastError!.reason).toContain('protocol');
    open();
    clock.advance(100);
    await eventually(() => controlPlane.of('hello').length >= 2, 'it comes back');
  });

  it('waits longer after each failure, up to five seconds, and briefly after a stream that has stood', async () => {
    controlPlane.script = (stream) => void stream.emit('error', { code: 14, details: 'no' });
    client.start();
    for (const delayMs of [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]) {
      const before = controlPlane.streams.length;
      await eventually(() => status().lastError?.at === clock.now() && clock.pending === 1, 'the attempt has failed');
      clock.advance(delayMs * 0.99);
      expect(clock.pending).toBe(1);
      clock.advance(delayMs * 0.01);
      await eventually(() => controlPlane.streams.length === before + 1, 'it tries again');
    }
    controlPlane.script = (stream) => say(stream, welcome());
    await eventually(() => clock.pending === 1, 'the attempt has failed');
    clock.advance(5_000);
    await eventually(() => status().connected, 'it is welcome');
    clock.advance(5_000);
    controlPlane.streams.at(-1)!.end();
    await eventually(() => !status().connected, 'the end is noticed');
    const before = controlPlane.streams.length;
    clock.advance(100);
    await eventually(() => controlPlane.streams.length === before + 1, 'it tries again');
  });
});
