import { status } from '@grpc/grpc-js';
import { eventually } from './eventually.cases.ts';
import type { RawDataPlane } from './raw-data-plane.cases.ts';
import { StreamStage } from './stream-stage.cases.ts';

describe('two processes with one id', () => {
  let stage: StreamStage;
  let first: RawDataPlane;
  beforeEach(async () => {
    stage = await StreamStage.open();
    first = stage.connect();
    first.hello('dp', { processUuid: 'one' });
    await first.next('welcome');
    await first.accept();
    await eventually('the first is live', () => stage.state('dp') === 'live');
  });
  afterEach(() => stage.close());

  function second(processUuid = 'two'): RawDataPlane {
    const peer = stage.connect();
    peer.hello('dp', { processUuid });
    return peer;
  }

  it('the first keeps its place when it answers, and the second is refused and shown', async () => {
    const claimant = second();
    const { nonce } = await first.next('ping');
    first.say({ $case: 'liveness', value: { nonce } });
    expect(await claimant.ended()).toMatchObject({
      code: status.ALREADY_EXISTS,
      details: expect.stringContaining('dp') as string,
    });
    expect(stage.record('dp')).toMatchObject({
      processUuid: 'one',
      connected: true,
      problem: { code: 'duplicate_id' },
    });
    expect(stage.state('dp')).toBe('live');
    stage.history.putBackend('a');
    await first.accept();
    stage.clock.advance(60_000);
    expect(stage.record('dp')?.problem).toBeUndefined();
  });

  it('the first is replaced when it is silent for two seconds', async () => {
    const claimant = second();
    await first.next('ping');
    stage.clock.advance(1_999);
    expect(first.error).toBeUndefined();
    stage.clock.advance(1);
    await claimant.next('welcome');
    expect(await first.ended()).toMatchObject({ code: status.ABORTED });
    expect(stage.record('dp')).toMatchObject({ processUuid: 'two', connected: true });
    await claimant.accept();
    await eventually('the second is live', () => stage.state('dp') === 'live');
  });

  it('an answer to another question is none', async () => {
    const claimant = second();
    const { nonce } = await first.next('ping');
    first.say({ $case: 'liveness', value: { nonce: nonce + 1 } });
    first.say({ $case: 'liveness', value: { nonce: 0 } });
    stage.clock.advance(1);
    first.say({ $case: 'health', value: { full: true, deviations: [], cleared: [] } });
    await eventually('it was heard', () => stage.record('dp')!.lastSeen === stage.clock.now());
    stage.clock.advance(2_000);
    await claimant.next('welcome');
  });

  it('a stream of the same process takes the place of the old one at once', async () => {
    const again = second('one');
    await again.next('welcome');
    expect(await first.ended()).toMatchObject({ code: status.ABORTED });
    expect(stage.record('dp')).toMatchObject({ processUuid: 'one', connected: true });
  });

  it('a third is refused while the first is being asked', async () => {
    second();
    const { nonce } = await first.next('ping');
    const third = second('three');
    expect((await third.ended()).code).toBe(status.ALREADY_EXISTS);
    first.say({ $case: 'liveness', value: { nonce } });
    await eventually('it is shown', () => stage.record('dp')?.problem?.code === 'duplicate_id');
    expect(first.received).toEqual([]);
  });

  it('the second gets the place when the first goes while it is being asked', async () => {
    const claimant = second();
    await first.next('ping');
    first.close();
    await claimant.next('welcome');
    expect(stage.record('dp')).toMatchObject({ processUuid: 'two', connected: true });
  });

  it('what the second says meanwhile waits until it has the place', async () => {
    const claimant = second();
    claimant.say({ $case: 'liveness', value: { nonce: 0 } });
    await first.next('ping');
    stage.clock.advance(2_000);
    await claimant.next('welcome');
    await claimant.accept();
    await eventually('the second is live', () => stage.state('dp') === 'live');
    expect(claimant.error).toBeUndefined();
  });

  it('nothing is left of a claimant that goes before the first is given up', async () => {
    const claimant = second();
    await first.next('ping');
    claimant.close();
    await eventually('the claimant is gone', async () => (await stage.metric('headgate_stream_open_streams')) === 1);
    stage.clock.advance(2_000);
    await eventually('the first is gone', () => stage.state('dp') === 'gone');
  });

  it('nothing is left of a claimant that goes while the first is being asked', async () => {
    const claimant = second();
    const { nonce } = await first.next('ping');
    claimant.close();
    first.say({ $case: 'liveness', value: { nonce } });
    await eventually('it is shown', () => stage.record('dp')?.problem?.code === 'duplicate_id');
    expect(stage.record('dp')).toMatchObject({ processUuid: 'one', connected: true });
  });
});
