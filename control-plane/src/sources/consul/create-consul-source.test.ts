import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { ManualClock } from '@headgate/shared/manual-clock';
import { resolveConsulSource, type ConsulSourceDocument } from '@headgate/shared/model/consul-source';
import { testPem } from '@headgate/shared/tls/testdata/tls-directory';
import { recordedContext, RecordedSink } from '../recorded-sink.cases.ts';
import type { ServerSource, ServerSourceContext, SourceEntry } from '../source.ts';
import { createConsulSource } from './create-consul-source.ts';
import { answer, instances, ScriptedConsul, type ScriptedAnswer } from './scripted-consul.cases.ts';

type Wanted = readonly SourceEntry[];

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function scripted(...script: Parameters<typeof ScriptedConsul.start>): Promise<ScriptedConsul> {
  const server = await ScriptedConsul.start(...script);
  opened.push(server);
  return server;
}

interface Following {
  readonly sink: RecordedSink<Wanted>;
  readonly source: ServerSource;
}

/** A source that follows the service web of this address, started. */
function follow(
  address: string,
  document: Partial<ConsulSourceDocument> = {},
  context: Partial<ServerSourceContext> = {},
): Following {
  const sink = new RecordedSink<Wanted>();
  const one = document.services === undefined ? { service: 'web' } : {};
  const resolved = resolveConsulSource({ type: 'consul', address, ...one, ...document });
  const options = { backoff: { baseMs: 10, maxMs: 50 } };
  const source = createConsulSource(resolved, { ...recordedContext(sink), ...context }, options);
  opened.unshift(source);
  source.start();
  return { sink, source };
}

function secretsOf(secrets: Readonly<Record<string, string | Buffer>>): Pick<ServerSourceContext, 'secret'> {
  return { secret: async (name) => Buffer.from(secrets[name] ?? '') };
}

function addressesOf(wanted: Wanted): readonly string[] {
  return wanted.map(({ server }) => (server as { readonly address: string }).address);
}

describe('the queries', () => {
  it('ask for what the document says, then wait for a change', async () => {
    const server = await scripted([instances('7', ['10.0.0.1'])]);
    follow(server.url, { service: 'web:canary?', datacenter: 'dc2', tags: ['a', 'b&c'], stale: true, wait: '90s' });
    await server.until('two queries', ({ requests }) => requests.length === 2);
    const common = [
      ['passing', '1'],
      ['dc', 'dc2'],
      ['tag', 'a'],
      ['tag', 'b&c'],
      ['stale', ''],
    ];
    expect(server.requests.map(({ path }) => path)).toEqual(Array(2).fill('/v1/health/service/web%3Acanary%3F'));
    expect([...server.requests[0]!.parameters]).toEqual(common);
    expect([...server.requests[1]!.parameters]).toEqual([...common, ['index', '7'], ['wait', '90s']]);
    expect(server.requests[0]!.token).toBeUndefined();
  });

  it('ask the catalog where that is wanted', async () => {
    const server = await scripted([]);
    follow(server.url, { use: 'catalog' });
    await server.until('a query', ({ requests }) => requests.length === 1);
    expect(server.requests[0]).toMatchObject({ path: '/v1/catalog/service/web' });
    expect([...server.requests[0]!.parameters]).toEqual([]);
  });

  it('use one connection, one after the other', async () => {
    const server = await scripted([instances('1', ['10.0.0.1']), instances('2', []), instances('3', ['10.0.0.1'])]);
    follow(server.url);
    await server.until('four queries', ({ requests }) => requests.length === 4);
    expect(server.connections).toBe(1);
  });

  it('begin anew when the index goes backwards, and never send 0', async () => {
    const script = ['9', '4', '5', '0', '0'].map((index) => instances(index, ['10.0.0.1']));
    const server = await scripted(script);
    const { sink } = follow(server.url);
    await server.until('six queries', ({ requests }) => requests.length === 6);
    expect(server.requests.map(({ parameters }) => parameters.get('index'))).toEqual([null, '9', null, '5', null, '1']);
    expect(sink.failures).toEqual([]);
  });

  it('carry the token as it is at that moment, and nowhere but in its field', async () => {
    const failing = answer(500, 'secret-one');
    const server = await scripted([instances('1', []), failing, instances('2', []), answer(403, 'secret-two')]);
    const secrets = { consul: 'secret-one\n' };
    const { sink } = follow(server.url, { token: 'consul' }, secretsOf(secrets));
    await sink.nextFailure();
    secrets.consul = 'secret-two';
    await sink.until('the second failure', ({ failures }) => failures.length === 2);
    expect(server.requests.map(({ token }) => token)).toContain('secret-one');
    expect(server.requests.at(-1)!.token).toBe('secret-two');
    expect(JSON.stringify(server.requests.map(({ path, parameters }) => [path, [...parameters]]))).not.toMatch(
      /secret/,
    );
    expect(sink.failures.map(String).join()).not.toMatch(/secret-/);
  });

  it('read anew with a token what a query that waited has said', async () => {
    const server = await scripted([
      instances('1', ['10.0.0.1']),
      instances('2', []),
      instances('2', [], { 'x-consul-results-filtered-by-acls': 'true' }),
    ]);
    const { sink } = follow(server.url, { token: 'consul' }, secretsOf({ consul: 't' }));
    const { message } = await sink.nextFailure();
    expect(message).toBe('service web: the token may not read all instances: it needs service:read and node:read');
    expect(sink.deliveries.map(addressesOf)).toEqual([['10.0.0.1']]);
  });

  it.each([
    [
      'a token that cannot stand in a field',
      { token: 'consul' },
      { consul: 'hunter2\nhunter3' },
      /^service web: the secret consul is not a token/,
    ],
    ['an empty token', { token: 'consul' }, {}, /^service web: the secret consul is not a token/],
    [
      'authorities that are none',
      { tls: { ca: 'pem' } },
      { pem: 'hunter2' },
      /^service web: the secret pem holds no PEM certificate$/,
    ],
  ])('are not sent with %s', async (_what, document, secrets, message) => {
    const server = await scripted([]);
    const address = 'tls' in document ? server.url.replace('http:', 'https:') : server.url;
    const { sink } = follow(address, document, secretsOf(secrets));
    const failure = await sink.nextFailure();
    expect(failure.message).toMatch(message);
    expect(String(failure)).not.toContain('hunter');
    expect(server.connections).toBe(0);
  });
});

describe('what comes back', () => {
  const index = { 'x-consul-index': '8' };
  const large: ScriptedAnswer = (response) => {
    response.writeHead(200, index);
    const part = Buffer.alloc(1_048_576, ' ');
    // Never ends by itself: who reads it whole reads for ever.
    const more = (): boolean => response.destroyed || response.write(part, () => setImmediate(more));
    more();
  };
  const torn: ScriptedAnswer = (response) => {
    response.writeHead(200, { ...index, 'content-length': '100' }).write('[');
    response.destroy();
  };

  it.each<[string, ScriptedAnswer, string]>([
    ['403', answer(403, 'hunter2'), 'Consul answered 403 Forbidden'],
    ['404', answer(404, 'hunter2'), 'Consul answered 404 Not Found'],
    ['500', answer(500, 'rpc error: hunter2'), 'Consul answered 500 Internal Server Error'],
    ['a status without a name', answer(299, '[]', index), 'Consul answered 299'],
    ['no content', answer(204, '', index), 'Consul answered 204 No Content'],
    ['broken JSON', answer(200, '[{"hunter2', index), 'the answer is not JSON that can be read'],
    ['an empty body', answer(200, '', index), 'the answer is not JSON that can be read'],
    ['another shape', answer(200, '{"hunter2": []}', index), 'the answer is not a list of instances'],
    ['no index', answer(200, '[]'), 'the answer has no X-Consul-Index: it is not Consul that answers'],
    [
      'an index that is none',
      answer(200, '[]', { 'x-consul-index': 'hunter2' }),
      'the answer has no X-Consul-Index: it is not Consul that answers',
    ],
    ['a body without end', large, 'the answer is larger than 8388608 bytes'],
    ['a torn body', torn, 'Consul cannot be reached (ECONNRESET)'],
    ['no answer at all', (response) => response.destroy(), 'Consul cannot be reached (ECONNRESET)'],
    [
      'an empty list where nothing may be read',
      instances('8', [], { 'x-consul-default-acl-policy': 'deny' }),
      'Consul shows nothing without a token, whatever there is: name one',
    ],
  ])('%s: fails, keeps what was, and tries again', async (_what, bad, message) => {
    const server = await scripted([instances('7', ['10.0.0.1']), bad, instances('9', ['10.0.0.2'])]);
    const { sink } = follow(server.url);
    await sink.until('the recovery', ({ deliveries }) => deliveries.length === 2);
    expect(sink.failures.map((failure) => failure.message)).toEqual([`service web: ${message}`]);
    expect(sink.deliveries.map(addressesOf)).toEqual([['10.0.0.1'], ['10.0.0.2']]);
    // After a failure nothing is taken for known.
    expect(server.requests[2]!.parameters.has('index')).toBe(false);
    await server.until('no connection but one', ({ sockets }) => sockets.size === 1);
  });

  it('is never looked for elsewhere', async () => {
    const elsewhere = await scripted([instances('1', ['10.6.6.6'])]);
    const server = await scripted([answer(302, '', { location: `${elsewhere.url}/v1/health/service/web` })]);
    const { sink } = follow(server.url, { token: 'consul' }, secretsOf({ consul: 't' }));
    const { message } = await sink.nextFailure();
    expect(message).toBe('service web: Consul answered 302 Found; redirects are not followed');
    expect(elsewhere.connections).toBe(0);
  });

  it('is waited for until the wait, a sixteenth of it and ten seconds are over', async () => {
    const clock = new ManualClock();
    const server = await scripted([instances('7', ['10.0.0.1'])]);
    const { sink } = follow(server.url, { wait: '160s' }, { clock });
    await sink.until('the first delivery', ({ deliveries }) => deliveries.length === 1);
    clock.advance(100);
    await server.until('the second query', ({ requests }) => requests.length === 2);
    clock.advance(179_999);
    expect(sink.failures).toEqual([]);
    clock.advance(1);
    const failure = await untilFailure(sink);
    expect(failure).toBe('service web: there is no answer within 180000 ms');
    await server.until('the connection is closed', ({ sockets }) => sockets.size === 0);
  });

  it('is waited for ten seconds when nothing is to be waited for, drip by drip', async () => {
    const clock = new ManualClock();
    const server = await scripted([(response) => void response.writeHead(200, index).write('[')]);
    const { sink } = follow(server.url, {}, { clock });
    await server.until('the query', ({ requests }) => requests.length === 1);
    clock.advance(10_000);
    expect(await untilFailure(sink)).toBe('service web: there is no answer within 10000 ms');
  });
});

describe('several services', () => {
  it('are delivered together, once each was read, and stay when one fails', async () => {
    const held: (() => void)[] = [];
    const counts = new Map<string, number>();
    const reply: ScriptedAnswer = (response, request) => {
      const service = request.path.split('/').at(-1)!;
      const count = (counts.get(service) ?? 0) + 1;
      counts.set(service, count);
      const say = (...what: Parameters<typeof instances>) => instances(...what)(response, request);
      if (service === 'a') {
        if (count === 1) held.push(() => say('5', ['10.0.0.1']));
        else answer(500, '')(response, request);
      } else if (count < 3) say(String(count), [`10.0.1.${count}`]);
      else if (count < 5) say(String(count), ['10.0.1.2']);
    };
    const server = await scripted(Array<ScriptedAnswer>(1_000).fill(reply));
    const { sink } = follow(server.url, { services: ['a', 'b'] });
    await server.until('b was asked twice', () => counts.get('b') === 2 && counts.get('a') === 1);
    expect(sink.deliveries).toEqual([]);
    held[0]!();
    await server.until('b waits', () => counts.get('b') === 5);
    await sink.nextFailure();
    expect(sink.newest && addressesOf(sink.newest)).toEqual(['10.0.0.1', '10.0.1.2']);
    expect(sink.deliveries.every((wanted) => wanted.length === 2)).toBe(true);
    expect(sink.failures.every(({ message }) => message.startsWith('service a: '))).toBe(true);
  });
});

describe('a connection', () => {
  it('is waited for five seconds', async () => {
    const clock = new ManualClock();
    // Takes the connection, and never says a word of TLS.
    const mute = await MuteServer.start();
    opened.push(mute);
    const { sink } = follow(`https://127.0.0.1:${mute.port}`, {}, { clock });
    await mute.connected;
    clock.advance(5_000);
    expect(await untilFailure(sink)).toBe('service web: there is no connection within 5000 ms');
  });
});

describe('TLS', () => {
  const identity = { cert: testPem('first.crt'), key: testPem('first.key') };
  const authorities = { ca: testPem('servers-ca.crt') };

  it('is trusted by the authorities of the secret', async () => {
    const server = await scripted([instances('1', ['10.0.0.1'])], identity);
    const { sink } = follow(server.url, { tls: { ca: 'ca' } }, secretsOf(authorities));
    await sink.until('a delivery', ({ deliveries }) => deliveries.length === 1);
  });

  it('is not trusted without them', async () => {
    const server = await scripted([], identity);
    const { sink } = follow(server.url);
    const { message } = await sink.nextFailure();
    expect(message).toMatch(/^service web: Consul cannot be reached \((UNABLE_TO|SELF_SIGNED)[A-Z_]+\)$/);
    expect(server.requests).toEqual([]);
  });

  it.each([
    ['localhost', undefined],
    ['server.dc1.consul', 'service web: Consul cannot be reached (ERR_TLS_CERT_ALTNAME_INVALID)'],
  ])('asks for the name %s', async (serverName, message) => {
    const names: string[] = [];
    const SNICallback = (name: string, done: (error: null) => void) => {
      names.push(name);
      done(null);
    };
    const server = await scripted([instances('1', ['10.0.0.1'])], { ...identity, SNICallback });
    const { sink } = follow(server.url, { tls: { ca: 'ca', serverName } }, secretsOf(authorities));
    await sink.until('an answer', ({ deliveries, failures }) => deliveries.length + failures.length > 0);
    expect(names[0]).toBe(serverName);
    expect(sink.failures[0]?.message).toBe(message);
  });
});

describe('close', () => {
  it.each<[string, number, ScriptedAnswer[]]>([
    ['a query is held back', 2, [instances('1', ['10.0.0.1'])]],
    ['a body stops', 1, [(response) => void response.writeHead(200, { 'x-consul-index': '1' }).write('[')]],
    ['attempts fail', 2, Array<ScriptedAnswer>(1_000).fill(answer(500, ''))],
  ])('ends at once while %s', async (_what, queries, script) => {
    const server = await scripted(script);
    const { sink, source } = follow(server.url);
    await server.until('the queries', ({ requests }) => requests.length >= queries);
    const before = performance.now();
    await source.close();
    expect(performance.now() - before).toBeLessThan(1_000);
    const said = [sink.deliveries.length, sink.failures.length];
    await server.until('every connection is closed', ({ sockets }) => sockets.size === 0);
    expect([sink.deliveries.length, sink.failures.length]).toEqual(said);
  });

  it('ends at once while a secret is not there yet', async () => {
    const { source } = follow(
      'http://127.0.0.1:1',
      { token: 'consul' },
      { secret: () => new Promise(() => undefined) },
    );
    await source.close();
  });

  it('ends a source that never began', async () => {
    const resolved = resolveConsulSource({ type: 'consul', address: 'http://127.0.0.1:1', service: 'web' });
    await createConsulSource(resolved, recordedContext(new RecordedSink<Wanted>())).close();
  });
});

/** A server on loopback that takes connections and says nothing. */
class MuteServer {
  readonly connected: Promise<unknown>;
  readonly #server = createServer((socket) => {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
  });
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server.listen(0, '127.0.0.1');
    this.connected = once(this.#server, 'connection');
  }

  static async start(): Promise<MuteServer> {
    const server = new MuteServer();
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

async function untilFailure(sink: RecordedSink<Wanted>): Promise<string> {
  await sink.until('a failure', ({ failures }) => failures.length > 0);
  return sink.failures[0]!.message;
}
