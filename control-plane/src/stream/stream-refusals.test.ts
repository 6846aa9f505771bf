import { status } from '@grpc/grpc-js';
import { eventually } from './eventually.cases.ts';
import type { JoinTokenCheck } from './join-token.ts';
import { StreamStage } from './stream-stage.cases.ts';

const TOKEN = 'the-join-token';

function onlyToken(text: string): JoinTokenCheck {
  const { signal } = new AbortController();
  return { authenticate: (token) => (token === text ? signal : undefined) };
}

describe('what a stream is refused for', () => {
  let stage: StreamStage;
  beforeEach(async () => {
    stage = await StreamStage.open({ joinTokens: onlyToken(TOKEN), limits: { streams: 3 } });
  });
  afterEach(() => stage.close());

  it.each([undefined, 'wrong', `${TOKEN}x`])('a join token that is %s', async (token) => {
    const peer = stage.connect(token);
    peer.hello('dp');
    const error = await peer.ended();
    expect(error.code).toBe(status.UNAUTHENTICATED);
    expect(error.details).toContain('HEADGATE_JOIN_TOKEN');
    expect(error.details).not.toContain(TOKEN);
    expect(stage.register.fleet.value.size).toBe(0);
  });

  it('nothing, with the right one', async () => {
    const peer = stage.connect(TOKEN);
    peer.hello('dp');
    expect((await peer.next('welcome')).epoch).toBe('own');
  });

  it('a hello that does not come within five seconds', async () => {
    const peer = stage.connect(TOKEN);
    await eventually('the stream stands', () => stage.clock.pending > 0);
    stage.clock.advance(4_999);
    expect(peer.error).toBeUndefined();
    stage.clock.advance(1);
    expect(await peer.ended()).toMatchObject({
      code: status.DEADLINE_EXCEEDED,
      details: expect.stringContaining('hello') as string,
    });
  });

  it('another message before hello', async () => {
    const peer = stage.connect(TOKEN);
    peer.say({ $case: 'liveness', value: { nonce: 0 } });
    expect(await peer.ended()).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: 'liveness came before welcome; the first message is hello',
    });
  });

  it('a hello that cannot be', async () => {
    const peer = stage.connect(TOKEN);
    peer.hello('two words');
    expect(await peer.ended()).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('data_plane_id') as string,
    });
  });

  it('a second hello', async () => {
    const peer = stage.connect(TOKEN);
    peer.hello('dp');
    await peer.next('welcome');
    peer.hello('dp');
    expect(await peer.ended()).toMatchObject({ code: status.INVALID_ARGUMENT, details: 'hello came twice' });
  });

  it('an answer to what is not in flight', async () => {
    const peer = stage.connect(TOKEN);
    peer.hello('dp');
    await peer.next('welcome');
    await peer.update();
    peer.say({ $case: 'ack', value: { epoch: 'own', version: 7 } });
    expect(await peer.ended()).toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: 'version 7 was answered, which is not in flight',
    });
    await eventually('it is gone', () => stage.state('dp') === 'gone');
    expect(stage.record('dp')?.version).toBe(0);
  });

  it('a report of load that welcome did not ask for', async () => {
    const silent = await StreamStage.open({ load: undefined });
    const peer = silent.connect();
    peer.hello('dp');
    expect(await peer.next('welcome')).toMatchObject({ features: [] });
    peer.say({ $case: 'load', value: { full: true, loads: [] } });
    expect(await peer.ended()).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: 'load came, which welcome did not ask for',
    });
    await silent.close();
  });

  it('a message that is empty or of an unknown kind', async () => {
    const peer = stage.connect(TOKEN);
    peer.sayBytes(Buffer.alloc(0));
    expect(await peer.ended()).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('empty') as string,
    });
  });

  it('bytes that are no message', async () => {
    const peer = stage.connect(TOKEN);
    peer.sayBytes(Buffer.from('0aff', 'hex'));
    expect(await peer.ended()).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('decoded') as string,
    });
  });

  it('a bad message, and nothing that comes after it counts', async () => {
    const peer = stage.connect(TOKEN);
    peer.hello('dp');
    await peer.next('welcome');
    await peer.update();
    peer.sayBytes(Buffer.from('0aff', 'hex'));
    peer.say({ $case: 'ack', value: { epoch: 'own', version: 1 } });
    await peer.ended();
    await eventually('it is gone', () => stage.state('dp') === 'gone');
    expect(stage.record('dp')?.version).toBe(0);
  });

  it('a message above one mebibyte', async () => {
    const peer = stage.connect(TOKEN);
    peer.sayBytes(Buffer.alloc(1_048_577));
    expect((await peer.ended()).code).toBe(status.RESOURCE_EXHAUSTED);
  });

  it('being one too many, until another has gone', async () => {
    const peers = ['a', 'b', 'c'].map((id) => {
      const peer = stage.connect(TOKEN);
      peer.hello(id);
      return peer;
    });
    for (const peer of peers) await peer.next('welcome');
    const fourth = stage.connect(TOKEN);
    expect((await fourth.ended()).code).toBe(status.RESOURCE_EXHAUSTED);
    peers[0]!.close();
    await eventually('the first is gone', () => stage.state('a') === 'gone');
    const fifth = stage.connect(TOKEN);
    fifth.hello('e');
    await fifth.next('welcome');
  });

  it('lets everyone in when there is no token', async () => {
    const open = await StreamStage.open();
    const peer = open.connect();
    peer.hello('dp');
    await peer.next('welcome');
    await open.close();
  });
});
