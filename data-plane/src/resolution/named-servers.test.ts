import { Agent, request } from 'node:http';
import { once } from 'node:events';
import { coreFixture } from '../proxy/conformance/core-fixture.ts';
import { eventually } from '../proxy/conformance/eventually.ts';
import { forwarderAddress } from '../proxy/conformance/forwarder-address.ts';
import type { RunningForwarder } from '../proxy/conformance/fixture.ts';
import { RawClient } from '../proxy/conformance/raw-client.ts';
import { createForwarder, engineNames } from '../proxy/engines.ts';
import { NAME, NamedOrigin, NamedStage } from './named-stage.cases.ts';

const [FIRST, SECOND, NOBODY] = ['127.0.0.1', '127.0.0.5', '127.0.0.6'];

/** Two addresses with the same port, as a name needs them. */
async function startOrigins(): Promise<readonly [NamedOrigin, NamedOrigin]> {
  for (let attempt = 0; ; attempt++) {
    const first = await NamedOrigin.start(FIRST);
    try {
      return [first, await NamedOrigin.start(SECOND, first.port)];
    } catch (error) {
      await first.close();
      if (attempt === 10) throw error;
    }
  }
}

describe.each(engineNames)('servers whose address is a name, by the %s engine', (engine) => {
  let stage: NamedStage;
  let first: NamedOrigin;
  let second: NamedOrigin;
  let forwarder: RunningForwarder;
  let agent: Agent;

  beforeEach(async () => {
    stage = await NamedStage.start();
    [first, second] = await startOrigins();
    agent = new Agent({ keepAlive: true });
  });
  afterEach(async () => {
    agent.destroy();
    await forwarder.close();
    await Promise.all([first.close(), second.close(), stage.close()]);
  });

  /** A forwarder in front of the name, and of further servers. */
  async function forward(servers: readonly { readonly address: string; readonly port: number }[] = []): Promise<void> {
    stage.resolution.expect(NAME);
    const names = stage.table;
    const fixture = coreFixture((options) => createForwarder(engine, { ...options, names }));
    forwarder = await fixture.start({
      configuration: {
        backends: [{ name: 'web', servers: [{ address: NAME, port: first.port }, ...servers] }],
        hosts: [{ host: '*', backend: 'web' }],
      },
    });
  }

  async function ask(path = '/'): Promise<readonly [status: number, body: string]> {
    const asked = request({ host: forwarderAddress, port: forwarder.port, path, agent, headers: { host: 'a.test' } });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [AsyncIterable<Buffer> & { readonly statusCode: number }];
    let body = '';
    for await (const chunk of answer) body += chunk.toString();
    return [answer.statusCode, body];
  }

  it('are reached where the name is, and called by their name', async () => {
    stage.dns.holdAddresses(NAME, [SECOND]);
    await forward();
    expect(await ask()).toEqual([200, SECOND]);
    const client = await RawClient.connect({ port: forwarder.port });
    client.send('GET / HTTP/1.0\r\n\r\n');
    expect((await client.response()).status).toBe(200);
    client.destroy();
    expect(second.hosts).toEqual(['a.test', `${NAME}:${second.port}`]);
  });

  it('are used at their addresses in turn', async () => {
    stage.dns.holdAddresses(NAME, [FIRST, SECOND]);
    await forward();
    const answers = Array.from({ length: 6 }, () => ask('/hold'));
    await eventually(() => first.held === 3 && second.held === 3, 'three requests at each address');
    first.letGo();
    second.letGo();
    expect((await Promise.all(answers)).every(([status]) => status === 200)).toBe(true);
  });

  it('are followed when the name moves, and no request fails', async () => {
    stage.dns.holdAddresses(NAME, [FIRST]);
    await forward();
    const underWay = ask('/hold');
    await eventually(() => first.held === 1, 'a request to be held');
    const seen = new Set<string>();
    const answered: number[] = [];
    stage.dns.holdAddresses(NAME, [SECOND]);
    while (!seen.has(SECOND)) {
      const [status, body] = await ask();
      answered.push(status);
      seen.add(body);
    }
    // Not one goes back, be it on a connection that was idle.
    for (let more = 0; more < 20; more++) expect(await ask()).toEqual([200, SECOND]);
    expect(answered.every((status) => status === 200)).toBe(true);
    first.letGo();
    expect(await underWay).toEqual([200, FIRST]);
    expect(await ask()).toEqual([200, SECOND]);
    expect(forwarder.metrics.retries).toBe(0);
  });

  it('are reached at the next address when one is dead', async () => {
    stage.dns.holdAddresses(NAME, [SECOND, NOBODY]);
    await forward();
    const answers = Array.from({ length: 6 }, () => ask('/hold'));
    await eventually(() => second.held === 6, 'all requests at the address that is alive');
    second.letGo();
    expect(await Promise.all(answers)).toEqual(Array(6).fill([200, SECOND]));
    expect([...forwarder.metrics.upstreamFailures.values()].every((count) => count === 0)).toBe(true);
    // What was connected at the second attempt carries further requests.
    expect(await ask()).toEqual([200, SECOND]);
  });

  it('stay where they were when the name cannot be looked up', async () => {
    stage.dns.holdAddresses(NAME, [FIRST]);
    await forward();
    expect(await ask()).toEqual([200, FIRST]);
    stage.dns.misbehave(NAME, 'servfail');
    await eventually(() => stage.resolution.counts.failed > 1, 'look-ups to fail');
    stage.dns.forget(NAME);
    await eventually(() => stage.resolution.counts.absent > 1, 'the name to be gone');
    expect(await ask()).toEqual([200, FIRST]);
  });

  it('let requests wait for the first answer', async () => {
    stage.dns.holdAddresses(NAME, [FIRST]);
    stage.dns.misbehave(NAME, 'silence');
    await forward();
    const answer = ask();
    await eventually(() => stage.dns.asked(NAME) > 0, 'the name to be asked for');
    stage.dns.holdAddresses(NAME, [FIRST]);
    expect(await answer).toEqual([200, FIRST]);
  });

  it('fail as servers do that cannot be connected to while the name has no address', async () => {
    await forward();
    const [status, body] = await ask();
    expect([status, (JSON.parse(body) as { error: string }).error]).toEqual([502, 'connect_failed']);
    expect(forwarder.metrics.upstreamFailures.get('connect_failed')).toBe(1);
    stage.dns.holdAddresses(NAME, [FIRST]);
    await eventually(() => stage.resolution.load.unresolved === 0, 'the name to be resolved');
    expect(await ask()).toEqual([200, FIRST]);
  });

  it('are left for another server while the name has no address, or only refused ones', async () => {
    stage.dns.holdAddresses(NAME, ['169.254.169.254']);
    await forward([{ address: SECOND, port: second.port }]);
    await eventually(() => stage.resolution.counts.refused > 0, 'the address to be refused');
    for (let round = 0; round < 4; round++) expect(await ask()).toEqual([200, SECOND]);
  });

  it('are no reason to look anything up when a request comes', async () => {
    stage.dns.holdAddresses(NAME, [FIRST]);
    await forward();
    expect(await ask()).toEqual([200, FIRST]);
    stage.resolution.close();
    await stage.dns.stop();
    const asked = stage.dns.questions.length;
    for (let round = 0; round < 4; round++) expect((await ask())[0]).toBe(200);
    expect(stage.dns.questions).toHaveLength(asked);
  });
});
