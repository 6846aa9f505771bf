import { status } from '@grpc/grpc-js';
import { Verdict } from '@headgate/proto/generated/headgate/v1/control_plane';
import { eventually } from './eventually.cases.ts';
import { StreamStage } from './stream-stage.cases.ts';

describe('the stream server', () => {
  let stage: StreamStage;
  beforeEach(async () => {
    stage = await StreamStage.open();
  });
  afterEach(() => stage.close());

  it('welcomes a data plane and sends it everything when it holds nothing', async () => {
    stage.history.addSite('web');
    const peer = stage.connect();
    peer.hello('dp', { labels: { zone: 'a' } });
    const welcome = { epoch: 'own', version: 2, softwareVersion: '1.0.0', updateFollows: true, features: ['load'] };
    expect(await peer.next('welcome')).toEqual(welcome);
    const update = await peer.accept();
    expect(update).toMatchObject({ epoch: 'own', version: 2, baseVersion: 0, last: true });
    expect(update.upserts).toHaveLength(4);
    expect(update.digest).toEqual(stage.history.newest.digest.toBytes());
    await eventually('it is live', () => stage.state('dp') === 'live');
    expect(stage.record('dp')).toMatchObject({ version: 2, labels: { zone: 'a' }, connected: true });
  });

  it('sends each change as a delta on what was acknowledged', async () => {
    stage.history.addSite('web');
    const peer = stage.connect();
    peer.hello('dp');
    await peer.next('welcome');
    await peer.accept();
    await eventually('it is live', () => stage.state('dp') === 'live');
    stage.history.putServer('web', 8_001, 9);
    const update = await peer.accept();
    expect(update).toMatchObject({ version: 3, baseVersion: 2, last: true });
    expect(update.upserts).toHaveLength(1);
  });

  it('sends nothing to one that comes back with the newest version', async () => {
    const { id, digest } = stage.history.addSite('web');
    const peer = stage.connect();
    peer.hello('dp', { ...id, digest: digest.toBytes() });
    expect(await peer.next('welcome')).toMatchObject({ version: 2, updateFollows: false });
    expect(stage.state('dp')).toBe('live');
    stage.history.deleteHost('web.example');
    expect(await peer.accept()).toMatchObject({ version: 3, baseVersion: 2 });
  });

  it('sends everything to one that comes back with other content of the newest version', async () => {
    const { id } = stage.history.addSite('web');
    const peer = stage.connect();
    peer.hello('dp', { ...id, digest: Buffer.alloc(16, 1) });
    expect(await peer.next('welcome')).toMatchObject({ updateFollows: true });
    expect(await peer.accept()).toMatchObject({ version: 2, baseVersion: 0 });
  });

  it('has one update in flight and then goes to the newest version', async () => {
    const peer = stage.connect();
    peer.hello('dp');
    await peer.next('welcome');
    const [first] = await peer.update();
    expect(first).toMatchObject({ version: 1 });
    for (const name of ['a', 'b', 'c']) stage.history.putBackend(name);
    peer.say({ $case: 'health', value: { full: true, deviations: [], cleared: ['x'] } });
    const seen = stage.record('dp')!.lastSeen;
    stage.clock.advance(1);
    peer.say({ $case: 'liveness', value: { nonce: 0 } });
    await eventually('it was heard', () => stage.record('dp')!.lastSeen > seen);
    expect(peer.received).toEqual([]);
    peer.say({ $case: 'ack', value: { epoch: 'own', version: 1 } });
    expect(await peer.accept()).toMatchObject({ version: 4, baseVersion: 1 });
  });

  it('shows a refusal, does not repeat what was refused, and goes on from what is held', async () => {
    const peer = stage.connect();
    peer.hello('dp');
    await peer.next('welcome');
    await peer.accept();
    await eventually('it is live', () => stage.state('dp') === 'live');
    stage.history.putBackend('bad');
    await peer.refuse('unknown_backend');
    await eventually('it is rejected', () => stage.state('dp') === 'rejected');
    expect(stage.record('dp')).toMatchObject({
      version: 1,
      lastNack: { version: 2, errors: [{ object: 'backend/bad', field: '/x', reason: 'is bad' }], totalErrors: 1 },
    });
    stage.history.putBackend('bad', { via: false });
    const next = await peer.accept();
    expect(next).toMatchObject({ version: 3, baseVersion: 1 });
    await eventually('it is live', () => stage.state('dp') === 'live');
  });

  it('sends a version in full, once, when the delta to it could not be used', async () => {
    const { id, digest } = stage.history.addSite('web');
    const peer = stage.connect();
    peer.hello('dp', { ...id, digest: digest.toBytes() });
    await peer.next('welcome');
    stage.history.putServer('web', 9_000);
    expect(await peer.refuse('digest_mismatch')).toMatchObject({ version: 3, baseVersion: 2 });
    expect(await peer.refuse('digest_mismatch')).toMatchObject({ version: 3, baseVersion: 0 });
    await eventually('both are counted', () => stage.record('dp')?.lastNack !== undefined);
    stage.history.putServer('web', 9_001);
    expect(await peer.accept()).toMatchObject({ version: 4, baseVersion: 2 });
  });

  it('keeps what a data plane says of health', async () => {
    const peer = stage.connect();
    peer.hello('dp');
    await peer.next('welcome');
    const said = { server: 'web/10.0.0.1:80', sinceMs: 7, lastError: 'refused' };
    const deviation = { ...said, verdict: Verdict.VERDICT_UNHEALTHY, ejected: false };
    peer.say({ $case: 'health', value: { full: true, deviations: [deviation], cleared: [] } });
    await eventually('the report is there', () => stage.record('dp')?.health.length === 1);
    expect(stage.record('dp')?.health[0]).toEqual({ ...said, verdict: 'unhealthy' });
    peer.say({ $case: 'health', value: { full: false, deviations: [], cleared: ['web/10.0.0.1:80'] } });
    await eventually('the report is gone', () => stage.record('dp')?.health.length === 0);
  });

  it('keeps what data planes have in flight, as long as they are connected', async () => {
    const server = 'web/10.0.0.1:80';
    const peers = ['x', 'y'].map((id) => {
      const peer = stage.connect();
      peer.hello(id);
      return peer;
    });
    for (const peer of peers) expect(await peer.next('welcome')).toMatchObject({ features: ['load'] });
    for (const peer of peers) {
      peer.say({ $case: 'load', value: { full: true, loads: [{ server, inFlight: 2 }] } });
      peer.say({ $case: 'load', value: { full: false, loads: [{ server, inFlight: 5 }] } });
    }
    await eventually('both have reported', () => stage.load.inFlight(server) === 10);
    peers[0]!.close();
    await eventually('what one of them said is gone', () => stage.load.inFlight(server) === 5);
    peers[1]!.say({ $case: 'load', value: { full: false, loads: [{ server, inFlight: 0 }] } });
    await eventually('nothing is left', () => stage.load.size === 0);
    expect(stage.state('y')).not.toBe('gone');
  });

  it('calls a data plane gone when its stream has ended', async () => {
    const peer = stage.connect();
    peer.hello('dp');
    await peer.next('welcome');
    peer.close();
    await eventually('it is gone', () => stage.state('dp') === 'gone');
    expect(await stage.metric('headgate_stream_connected_data_planes')).toBe(0);
  });

  it('keeps an encoded update until the last stream has answered it, or has ended', async () => {
    const [first, second] = [stage.connect(), stage.connect()];
    first.hello('first');
    second.hello('second');
    for (const peer of [first, second]) await peer.next('welcome');
    for (const peer of [first, second]) await peer.update();
    expect(await stage.metric('headgate_stream_encoded_updates')).toBe(1);
    first.say({ $case: 'ack', value: { epoch: 'own', version: 1 } });
    await eventually('the first is live', () => stage.state('first') === 'live');
    expect(await stage.metric('headgate_stream_encoded_updates')).toBe(1);
    second.close();
    await eventually('the second is gone', () => stage.state('second') === 'gone');
    expect(await stage.metric('headgate_stream_encoded_updates')).toBe(0);
  });

  it('ends every stream with UNAVAILABLE when it is closed', async () => {
    const peer = stage.connect();
    peer.hello('dp');
    await peer.next('welcome');
    const closed = stage.server.close();
    expect(await peer.ended()).toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining('shutting') as string,
    });
    stage.clock.advance(60_000);
    await closed;
  });

  it('is not held up by a data plane that has stopped reading, and sends it no more than it takes', async () => {
    stage.history.putBackend('web');
    for (let host = 0; host < 1_000; host++) stage.history.putLargeHost(`host-${host}.example`, 'web');
    const [stopped, other] = [stage.connect(), stage.connect()];
    stopped.pause();
    stopped.hello('stopped');
    const bytes = await settled(() => stage.metric('headgate_stream_sent_bytes_total'));
    other.hello('other');
    await other.next('welcome');
    const chunks = await other.update();
    const size = chunks.reduce((sum, { upserts }) => upserts.reduce((all, { body }) => all + body.length, sum), 0);
    expect(chunks.length).toBeGreaterThan(90);
    expect(bytes).toBeLessThan(size / 3);
    stopped.resume();
    await stopped.next('welcome');
    expect((await stopped.update()).length).toBe(chunks.length);
  });
});

/** The value of a number that has stopped growing. */
async function settled(read: () => Promise<number>): Promise<number> {
  let [last, same] = [-1, 0];
  while (same < 50) {
    const value = await read();
    same = value === last && value > 0 ? same + 1 : 0;
    last = value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return last;
}
