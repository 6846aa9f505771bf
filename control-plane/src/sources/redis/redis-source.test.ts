import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { testPem } from '@headgate/shared/tls/testdata/tls-directory';
import { eventually } from '../../stream/eventually.cases.ts';
import { describeWith } from '../needed-program.cases.ts';
import { recordedContext, RecordedSink } from '../recorded-sink.cases.ts';
import type { DocumentSource, SourceText } from '../source.ts';
import { redisPrograms, RedisServer, type RedisServerOptions } from './redis-server.cases.ts';
import { createRedisSource, type RedisSource } from './redis-source.ts';

const KEY = 'balancer';
const NEVER_MS = 1e9;
const POLL_MS = 50;
const PASSWORD = 'kept-to-itself';
const root = join(import.meta.dirname, '..', '..', '..', '..');
const page = join(root, 'docs', 'reference', 'sources-documents.md');

let sink: RecordedSink<readonly SourceText[]>;
let opened: { close(): Promise<void> }[];

beforeEach(() => {
  sink = new RecordedSink();
  opened = [];
});

afterEach(async () => {
  for (const thing of opened.reverse()) await thing.close();
});

async function serve(options?: RedisServerOptions): Promise<RedisServer> {
  const server = await RedisServer.start(options);
  opened.push(server);
  return server;
}

function follow(options: RedisSource): DocumentSource {
  const source = createRedisSource({ pollMs: POLL_MS, ...options }, recordedContext(sink));
  opened.push(source);
  source.start();
  return source;
}

const holds = (text: string): Promise<void> =>
  sink.until(`the text is ${text}`, ({ newest }) => newest?.length === 1 && newest[0]?.text === text);

/** Resolves when the source would hear of a change. */
const listens = (server: RedisServer): Promise<void> =>
  eventually('it listens', async () => (await server.command('CLIENT', 'LIST')).includes('sub=1'));

/** Two changes, as the first one may be found by the read that follows the beginning of listening. */
async function hearsOfChanges(server: RedisServer, ...flags: readonly string[]): Promise<void> {
  for (const text of ['first change', 'second change']) {
    await server.command(...flags, 'SET', KEY, text);
    await holds(text);
  }
}

async function failure(): Promise<string> {
  await sink.until('it fails', ({ failures }) => failures.length > 0);
  return sink.failures[0]!.message;
}

describeWith(redisPrograms, 'a source of Redis', () => {
  it('brings the value of the key, by the name of article 001 if no other is given', async () => {
    const server = await serve();
    await server.command('SET', KEY, 'one');
    await server.command('SET', 'other', 'two');
    follow({ url: server.url });
    await holds('one');
    expect(sink.newest).toEqual([{ name: 'redis key balancer', text: 'one' }]);
    sink = new RecordedSink();
    follow({ url: server.url, key: 'other' });
    await holds('two');
    expect(sink.newest?.[0]?.name).toBe('redis key other');
  });

  it('reads the database that the URL names', async () => {
    const server = await serve({ events: 'KA' });
    await server.command('SET', KEY, 'of database 0');
    await server.command('-n', '3', 'SET', KEY, 'of database 3');
    follow({ url: `${server.url}/3`, pollMs: NEVER_MS });
    await holds('of database 3');
    await hearsOfChanges(server, '-n', '3');
  });

  it('hears of changes where the server tells of them', async () => {
    const server = await serve({ events: 'K$gx' });
    await server.command('SET', KEY, 'one');
    follow({ url: server.url, pollMs: NEVER_MS });
    await holds('one');
    await hearsOfChanges(server);
    await server.command('DEL', KEY);
    expect(await failure()).toBe('redis key balancer does not exist, or is empty');
  });

  it('hears of changes from when the server begins to tell of them', async () => {
    const server = await serve();
    await server.command('SET', KEY, 'one');
    follow({ url: server.url, pollMs: NEVER_MS });
    await holds('one');
    await listens(server);
    await server.command('CONFIG', 'SET', 'notify-keyspace-events', 'KA');
    await hearsOfChanges(server);
  });

  it('hears of changes again after the server was away', async () => {
    const server = await serve({ events: 'KA' });
    await server.command('SET', KEY, 'one');
    follow({ url: server.url, pollMs: NEVER_MS });
    await holds('one');
    await server.kill();
    expect(await failure()).toMatch(
      /^Redis at 127\.0\.0\.1:\d+ (closed the connection|cannot be reached \(ECONN\w+\))$/,
    );
    await server.start();
    await eventually('both connections stand', async () => (await server.connections()) === 2);
    await hearsOfChanges(server);
  });

  it('finds changes by polls where the server does not tell of them, or is not listened to', async () => {
    const server = await serve();
    await server.command('SET', KEY, 'one');
    follow({ url: server.url });
    await holds('one');
    await server.command('SET', KEY, 'two');
    await holds('two');
    await eventually('it listens', async () => (await server.connections()) === 2);
    follow({ url: server.url, notifications: false });
    await eventually('one more reads', async () => (await server.connections()) === 3);
  });

  it('needs no more rights than to read the key', async () => {
    const server = await serve({ events: 'KA' });
    await server.command('SET', KEY, 'one');
    await server.command('ACL', 'SETUSER', 'reader', 'on', `>${PASSWORD}`, `~${KEY}`, '+strlen', '+getrange');
    follow({ url: server.url, username: 'reader', password: PASSWORD });
    await holds('one');
    expect(sink.failures).toEqual([]);
    follow({ url: server.url, key: 'other', username: 'reader', password: PASSWORD });
    expect(await failure()).toMatch(/does not allow this user to do that: .* \(NOPERM\)$/);
  });

  it('hears of changes with the rights that the documentation names', async () => {
    const server = await serve({ events: 'KA' });
    await server.command('SET', KEY, 'one');
    const rights = readFileSync(page, 'utf8').match(/^ACL SETUSER headgate on >password (.*)$/m)?.[1] ?? '';
    await server.command('ACL', 'SETUSER', 'headgate', 'on', `>${PASSWORD}`, ...rights.split(' '));
    follow({ url: server.url, username: 'headgate', password: PASSWORD, pollMs: NEVER_MS });
    await holds('one');
    await hearsOfChanges(server);
  });

  it.each([
    ['is empty', ['SET', KEY, ''], /^redis key balancer does not exist, or is empty$/],
    ['is no string', ['LPUSH', KEY, 'one'], /^Redis at \S+ holds something else than a string under the key$/],
    [
      'is not UTF-8',
      ['EVAL', "redis.call('SET', KEYS[1], '\\255')", '1', KEY],
      /^redis key balancer is not UTF-8 text$/,
    ],
    [
      'is larger than 16 MiB',
      ['EVAL', "redis.call('SET', KEYS[1], string.rep('x', 16777217))", '1', KEY],
      /^redis key balancer has more than 16777216 bytes$/,
    ],
  ])('fails when the value %s, and asks again', async (_what, command, message) => {
    const server = await serve();
    await server.command(...command);
    follow({ url: server.url });
    expect(await failure()).toMatch(message);
    expect(sink.deliveries).toEqual([]);
    await server.command('SET', KEY, 'one');
    await holds('one');
  });

  it('brings a value of 16 MiB', async () => {
    const server = await serve();
    await server.command('EVAL', "redis.call('SET', KEYS[1], string.rep('x', 16777216))", '1', KEY);
    follow({ url: server.url });
    await sink.until('it is there', ({ newest }) => newest?.[0]?.text.length === 16_777_216);
  });

  it.each([
    ['no password is given', { password: undefined }, /asks for a password$/],
    ['the password is wrong', { password: PASSWORD }, /does not take this username and password$/],
    ['there is no such user', { username: 'nobody', password: PASSWORD }, /does not take this username and password$/],
  ])('fails when %s, and does not show it', async (_what, credentials, message) => {
    const server = await serve({ password: 'another-password' });
    follow({ url: server.url, ...credentials });
    expect(await failure()).toMatch(message);
    expect(inspect(sink.failures, { depth: 9 })).not.toContain(PASSWORD);
  });

  it('fails when a password is given and the server has none', async () => {
    const server = await serve();
    follow({ url: server.url, password: PASSWORD });
    expect(await failure()).toMatch(/has no password, and one was given$/);
  });

  it('fails when there is no such database', async () => {
    const server = await serve();
    follow({ url: `${server.url}/99` });
    expect(await failure()).toMatch(/has no such database$/);
  });

  it('fails when the server is not the one whose certificate is believed', async () => {
    const server = await serve({ tls: true });
    follow({ url: server.url, caPem: testPem('clients-one-ca.crt').toString() });
    expect(await failure()).toMatch(/cannot be reached \((UNABLE_TO_|SELF_SIGNED_)\w+\)$/);
  });

  it.each([true, false])('fails when one side speaks TLS and the other does not (server: %s)', async (tls) => {
    const server = await serve({ tls });
    follow({ url: `${tls ? 'redis' : 'rediss'}://127.0.0.1:${server.port}` });
    expect(await failure()).toMatch(/(closed the connection|cannot be reached \(\w+\)|did not answer within 3 s)$/);
  });

  it('fails while the server takes its time, and recovers', async () => {
    const server = await serve();
    await server.command('SET', KEY, 'one');
    follow({ url: server.url, pollMs: POLL_MS });
    await holds('one');
    const before = sink.deliveries.length;
    await server.command('CLIENT', 'PAUSE', '3000', 'ALL');
    expect(await failure()).toMatch(/did not answer within 2 s$/);
    await sink.until('it is delivered again', ({ deliveries }) => deliveries.length > before);
  });

  it('leaves no connection behind', async () => {
    const server = await serve({ events: 'KA' });
    await server.command('SET', KEY, 'one');
    const source = follow({ url: server.url });
    await holds('one');
    await eventually('it listens', async () => (await server.connections()) === 2);
    await source.close();
    await eventually('both are gone', async () => (await server.connections()) === 0);
  });
});

/** A server that is not Redis: it answers whatever comes with this, or not at all. */
async function pretend(
  answer?: (said: string) => string,
): Promise<{ readonly url: string; readonly sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => answer !== undefined && socket.write(answer(data.toString('latin1'))));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  opened.push({ close });
  return { url: `127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

describe('a source of something that is not Redis', () => {
  it('fails when nothing is there', async () => {
    follow({ url: 'redis://127.0.0.1:1' });
    expect(await failure()).toBe('Redis at 127.0.0.1:1 cannot be reached (ECONNREFUSED)');
  });

  it('fails when another protocol is spoken', async () => {
    const { url } = await pretend(() => 'HTTP/1.1 400 Bad Request\r\n\r\n');
    follow({ url: `redis://${url}` });
    expect(await failure()).toMatch(/does not speak as Redis does$/);
  });

  it('fails when answers are of another kind, and shows nothing of them', async () => {
    const { url } = await pretend(() => `+${PASSWORD}\r\n`);
    follow({ url: `redis://${url}` });
    expect(await failure()).toMatch(/does not speak as Redis does$/);
    expect(inspect(sink.failures, { depth: 9 })).not.toContain(PASSWORD);
    expect(sink.deliveries).toEqual([]);
  });

  it('shows no password that an error repeats', async () => {
    const { url } = await pretend((said) => `-ERR unknown command ${JSON.stringify(said)}\r\n`);
    follow({ url: `redis://${url}`, username: 'user', password: PASSWORD });
    expect(await failure()).toMatch(/answered with an error \(ERR\)$/);
    expect(inspect(sink.failures, { depth: 9 })).not.toContain(PASSWORD);
  });

  it('reads no more than is allowed when a value has grown since its length was asked for', async () => {
    let range = '';
    const { url } = await pretend((said) => {
      if (said.includes('STRLEN')) return ':3\r\n';
      range = said;
      return `$16777217\r\n${'x'.repeat(16_777_217)}\r\n`;
    });
    follow({ url: `redis://${url}`, notifications: false });
    expect(await failure()).toBe('redis key balancer has more than 16777216 bytes');
    expect(range).toContain('16777216');
  });

  it.each([
    ['the connection is secured', 'rediss', undefined],
    ['the server lets it in', 'redis', PASSWORD],
    ['the server answers', 'redis', undefined],
  ])('closes at once before %s, and leaves no connection behind', async (_what, scheme, password) => {
    const { url, sockets } = await pretend();
    const source = follow({ url: `${scheme}://${url}`, password });
    await eventually('both connections are there', () => sockets.length === 2);
    const start = performance.now();
    await source.close();
    expect(performance.now() - start).toBeLessThan(1_000);
    await eventually('both are closed', () => sockets.every(({ readyState }) => readyState === 'closed'));
    expect([sink.deliveries, sink.failures]).toEqual([[], []]);
  });

  it.each([
    ['does not answer a handshake', 'rediss'],
    ['does not let it in', 'redis'],
  ])('fails after 3 s when the server %s', async (_what, scheme) => {
    const { url } = await pretend();
    follow({ url: `${scheme}://${url}`, password: PASSWORD });
    expect(await failure()).toMatch(/did not answer (within 3 s|in time)$/);
  });
});
