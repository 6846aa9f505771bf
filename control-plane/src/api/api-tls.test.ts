import { once } from 'node:events';
import { Agent, request as httpsRequest, type AgentOptions } from 'node:https';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import net from 'node:net';
import tls from 'node:tls';
import type { SocketAddress } from '@headgate/shared/config/setting-types';
import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import { testPem, TlsDirectory } from '@headgate/shared/tls/testdata/tls-directory';
import { TlsFiles } from '@headgate/shared/tls/tls-files';
import type { ServerTlsMaterial } from '@headgate/shared/tls/tls-material';
import { NotedFailures } from '../transport/noted-failures.cases.ts';
import { adminToken, startApi, until, type ApiFixture } from './api-fixture.cases.ts';
import { ApiServer } from './api-server.ts';
import { apiOperations } from './operations.ts';
import { authenticateByToken } from './security/bearer-token.ts';

const clock = new ManualClock();
let directory: TlsDirectory;
let plain: ApiFixture;
let server: ApiServer;
let address: SocketAddress;
let files: TlsFiles<ServerTlsMaterial> | undefined;
let failures: NotedFailures;
const closing: (() => void)[] = [];

beforeEach(async () => {
  directory = await TlsDirectory.create();
  await directory.putPair('first');
  failures = new NotedFailures('api', clock);
  plain = await startApi();
});

afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await server.close();
  await files?.close();
  files = undefined;
  await plain.close();
  await directory.remove();
});

/** The API of the fixture, once more, over HTTPS unless it is told to be plain. */
async function serve({ clientCa, overTls = true }: { clientCa?: string; overTls?: boolean } = {}): Promise<void> {
  if (clientCa !== undefined) await directory.put('ca.crt', testPem(`${clientCa}.crt`));
  const { identity, authorities } = directory;
  const sources = { identity, authorities: clientCa === undefined ? undefined : authorities };
  const logger = createLogger('test', 'silent');
  const opened = await TlsFiles.forServer(sources, { clock, logger });
  if (!opened.ok) throw new Error(JSON.stringify(opened.faults));
  files = opened.value;
  files.start();
  server = new ApiServer({
    address: { host: '127.0.0.1', port: 0 },
    setting: 'HEADGATE_API_ADDRESS',
    operations: apiOperations(plain.rooms),
    authenticate: authenticateByToken({ adminToken, tokens: plain.rooms.tokens, attempts: { fail: () => 0 } }),
    loopbackOnly: false,
    clock,
    logger,
    observe: () => undefined,
    tls: overTls ? files.material : undefined,
    handshakes: failures.handshakes,
  });
  address = await server.start();
}

/** A caller with one connection that is kept. */
function caller(options: AgentOptions = {}): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: testPem('servers-ca.crt'), ...options });
  closing.push(() => agent.destroy());
  return agent;
}

function holder(name: string): AgentOptions {
  return { cert: testPem(`${name}.crt`), key: testPem(`${name}.key`) };
}

interface Got {
  readonly status: number | undefined;
  /** The name in the certificate of the API. */
  readonly shown: string;
  readonly reused: boolean;
}

async function get(path: string, agent: Agent, token?: string): Promise<Got> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const request = httpsRequest({ ...address, path, agent, headers }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const shown = String((response.socket as tls.TLSSocket).getPeerCertificate().subject.CN);
  await once(response.resume(), 'end');
  return { status: response.statusCode, shown, reused: request.reusedSocket };
}

/** Lets the files settle until the condition holds. */
async function settled(condition: () => boolean): Promise<void> {
  await until(() => {
    clock.advance(200);
    return condition();
  });
}

const inUse = (name: string): Promise<void> =>
  settled(() => files!.material.value.identity.subject.endsWith(`CN=${name}`));

describe('the API over HTTPS', () => {
  it('answers, and still asks for a token', async () => {
    await serve();
    expect(await get('/api/v1/config', caller(), adminToken)).toMatchObject({ status: 200, shown: 'first' });
    expect(await get('/api/v1/config', caller())).toMatchObject({ status: 401 });
    expect(await get('/api/v1/config', caller(), 'not-the-admin-token')).toMatchObject({ status: 401 });
  });

  it('asks for a token and a certificate when it has authorities of callers', async () => {
    await serve({ clientCa: 'clients-one-ca' });
    expect(await get('/api/v1/config', caller(holder('client-one')), adminToken)).toMatchObject({ status: 200 });
    expect(await get('/api/v1/config', caller(holder('client-one')))).toMatchObject({ status: 401 });
    await expect(get('/api/v1/config', caller(holder('client-two')), adminToken)).rejects.toThrow();
    await expect(get('/api/v1/config', caller(), adminToken)).rejects.toThrow();
    await until(() => failures.reasons.includes('the client showed no certificate'));
    await until(() => failures.reasons.some((reason) => reason.startsWith("the client's certificate is not believed")));
  });

  it('shows the new certificate to new connections, and open ones live on', async () => {
    await serve();
    const old = caller();
    expect(await get('/livez', old)).toEqual({ status: 200, shown: 'first', reused: false });
    await directory.putPair('second');
    await inUse('second');
    expect(await get('/livez', caller())).toMatchObject({ status: 200, shown: 'second' });
    expect(await get('/livez', old)).toEqual({ status: 200, shown: 'first', reused: true });
  });

  it('goes on with the old certificate while the new files cannot be used', async () => {
    await serve();
    await directory.put('tls.key', 'no key');
    await settled(() => files!.lastError !== undefined);
    expect(await get('/livez', caller())).toMatchObject({ status: 200, shown: 'first' });
    await directory.putPair('second');
    await inUse('second');
    expect(await get('/livez', caller())).toMatchObject({ status: 200, shown: 'second' });
  });

  it('drops plain HTTP without an answer, says why, and serves on', async () => {
    await serve();
    const request = httpRequest({ ...address, path: '/livez' }).end();
    await expect(once(request, 'response')).rejects.toThrow();
    expect(failures.lines).toMatchObject([
      { level: 'warn', remote: '127.0.0.1', reason: 'plain HTTP came to a TLS port; the client must use https' },
    ]);
    expect(await get('/livez', caller())).toMatchObject({ status: 200 });
  });

  it('cuts off who does not shake hands', async () => {
    await serve();
    const silent = net.connect(address).on('error', () => undefined);
    closing.push(() => silent.destroy());
    await new Promise((resolve) => silent.resume().on('close', resolve));
    await until(() => failures.reasons.includes('the client did not shake hands in time'));
  });

  it('ends its connections when it closes, those in the handshake included', async () => {
    await serve();
    const silent = net.connect(address).on('error', () => undefined);
    await once(silent, 'connect');
    const open = caller();
    await get('/livez', open);
    const gone = new Promise((resolve) => silent.resume().on('close', resolve));
    const closed = server.close();
    clock.advance(10_000);
    await closed;
    expect(failures.reasons).not.toContain('the client did not shake hands in time');
    await gone;
    await expect(get('/livez', caller())).rejects.toThrow('ECONNREFUSED');
  });
});

describe('the API over plain HTTP', () => {
  it('answers TLS in plain text, says why, and serves on', async () => {
    await serve({ overTls: false });
    const socket = tls.connect({ ...address, rejectUnauthorized: false });
    closing.push(() => socket.destroy());
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/);
    expect(failures.lines).toMatchObject([{ level: 'warn', remote: '127.0.0.1' }]);
    expect(failures.reasons[0]).toContain('TLS came to a plain-text port');
    const request = httpRequest({ ...address, path: '/livez' }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.resume().statusCode).toBe(200);
  });
});
