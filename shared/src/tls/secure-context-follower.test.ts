import { once } from 'node:events';
import { Agent, createServer, get, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { LatestValue } from '../latest-value.ts';
import { checkTlsMaterial } from './check-tls-material.ts';
import { followSecureContext } from './secure-context-follower.ts';
import { testPem } from './testdata/tls-directory.ts';
import type { ServerTlsMaterial } from './tls-material.ts';
import { tlsServerOptions } from './tls-server-options.ts';

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function material(pair: string, authority?: string): ServerTlsMaterial {
  const content = (name: string) => ({ file: { setting: 'HEADGATE_TEST', path: name }, bytes: testPem(name), mode: 0 });
  const checked = checkTlsMaterial({
    identity: { certificate: content(`${pair}.crt`), key: content(`${pair}.key`) },
    authorities: authority === undefined ? undefined : content(`${authority}.crt`),
  });
  if (!checked.ok || checked.value.identity === undefined) throw new Error('refused');
  return { ...checked.value, identity: checked.value.identity };
}

interface Listening {
  readonly server: Server;
  readonly port: number;
  readonly newest: LatestValue<ServerTlsMaterial>;
  readonly stop: () => void;
}

/** Answers every request with the name in the client's certificate. */
async function listen(first: ServerTlsMaterial): Promise<Listening> {
  const server = createServer(tlsServerOptions(first), ({ socket }, response) => {
    const { subject } = (socket as tls.TLSSocket).getPeerCertificate();
    response.end(subject === undefined ? 'nobody' : String(subject.CN));
  });
  const newest = new LatestValue(first);
  const stop = followSecureContext(server, newest);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    stop();
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port, newest, stop };
}

function client(options: tls.ConnectionOptions = {}, name?: string): Agent {
  const identity = name === undefined ? {} : { cert: testPem(`${name}.crt`), key: testPem(`${name}.key`) };
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: testPem('servers-ca.crt'), ...identity, ...options });
  closing.push(() => agent.destroy());
  return agent;
}

interface Answer {
  /** Of the server's certificate. */
  readonly server: string;
  readonly body: string;
  readonly reused: boolean;
}

async function ask(port: number, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, agent }, (response) => {
      const socket = response.socket as tls.TLSSocket;
      const server = String(socket.getPeerCertificate().subject.CN);
      response.setEncoding('utf8');
      response.on('data', (body: string) => resolve({ server, body, reused: request.reusedSocket }));
    });
    request.on('error', reject);
  });
}

describe('a server that follows its TLS material', () => {
  it('shows the new certificate to new connections, and the open ones live on', async () => {
    const { port, newest } = await listen(material('first'));
    const old = client();
    expect(await ask(port, old)).toEqual({ server: 'first', body: 'nobody', reused: false });
    newest.set(material('second'));
    expect(await ask(port, client())).toEqual({ server: 'second', body: 'nobody', reused: false });
    expect(await ask(port, old)).toEqual({ server: 'first', body: 'nobody', reused: true });
  });

  it('sends the intermediate certificates along', async () => {
    const { port } = await listen(material('first'));
    const socket = tls.connect({ port, host: '127.0.0.1', ca: testPem('servers-ca.crt') });
    closing.push(() => socket.destroy());
    await once(socket, 'secureConnect');
    expect(socket.getPeerCertificate(true).issuerCertificate.subject.CN).toBe('servers-intermediate');
  });

  it('follows no more when it is told to stop', async () => {
    const { port, newest, stop } = await listen(material('first'));
    stop();
    newest.set(material('second'));
    expect(await ask(port, client())).toMatchObject({ server: 'first' });
  });

  it('speaks nothing older than TLS 1.2, whatever Node would', async () => {
    const before = tls.DEFAULT_MIN_VERSION;
    const ciphers = 'DEFAULT@SECLEVEL=0';
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers } as const;
    Object.assign(tls, { DEFAULT_MIN_VERSION: 'TLSv1.1' });
    try {
      const server = createServer({ ...tlsServerOptions(material('first')), ciphers }, (_, answer) => answer.end('x'));
      closing.push(() => server.close());
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      await expect(ask(port, client(old))).rejects.toThrow(/alert protocol version/);
      // The same server without the floor would.
      server.setSecureContext({ ...pairOf('first'), ciphers });
      expect(await ask(port, client(old))).toMatchObject({ server: 'first' });
      closing.push(() => server.closeAllConnections());
    } finally {
      Object.assign(tls, { DEFAULT_MIN_VERSION: before });
    }
  });
});

function pairOf(name: string): tls.SecureContextOptions {
  return { cert: testPem(`${name}.crt`), key: testPem(`${name}.key`) };
}

describe('a server that has authorities for its clients', () => {
  it('lets in only who has a certificate of theirs', async () => {
    const { port } = await listen(material('first', 'clients-one-ca'));
    expect(await ask(port, client({}, 'client-one'))).toMatchObject({ body: 'client-one' });
    await expect(ask(port, client({}, 'client-two'))).rejects.toThrow();
    await expect(ask(port, client())).rejects.toThrow();
  });

  it('goes by the new authorities for new connections, and the open ones live on', async () => {
    const { port, newest } = await listen(material('first', 'clients-one-ca'));
    const old = client({}, 'client-one');
    await ask(port, old);
    newest.set(material('first', 'clients-two-ca'));
    expect(await ask(port, client({}, 'client-two'))).toMatchObject({ body: 'client-two' });
    await expect(ask(port, client({}, 'client-one'))).rejects.toThrow();
    expect(await ask(port, old)).toMatchObject({ body: 'client-one', reused: true });
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('resumes no %s session of before the change', async (version) => {
    const { port, newest } = await listen(material('first', 'clients-one-ca'));
    const session = await sessionOf(port, version);
    const resumed = await connect(port, { version, session });
    expect(resumed).toEqual({ reused: true, answered: true });
    newest.set(material('first', 'clients-two-ca'));
    expect(await connect(port, { version, session })).toMatchObject({ answered: false });
  });
});

interface Attempt {
  readonly version: tls.SecureVersion;
  readonly session?: Buffer;
}

function open(port: number, { version, session }: Attempt): tls.TLSSocket {
  const range = { minVersion: version, maxVersion: version };
  const ca = testPem('servers-ca.crt');
  const socket = tls.connect({ host: '127.0.0.1', port, ca, ...range, ...pairOf('client-one'), session });
  socket.on('error', () => undefined);
  closing.push(() => socket.destroy());
  return socket;
}

async function sessionOf(port: number, version: tls.SecureVersion): Promise<Buffer> {
  const socket = open(port, { version });
  socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
  const [session] = (await once(socket, 'session')) as [Buffer];
  return session;
}

/** Whether the session was resumed, and whether a request over the connection is answered. */
async function connect(
  port: number,
  attempt: Attempt,
): Promise<{ readonly reused: boolean; readonly answered: boolean }> {
  const socket = open(port, attempt);
  socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
  const answered = await new Promise<boolean>((resolve) => {
    socket.on('data', () => resolve(true));
    socket.on('close', () => resolve(false));
  });
  return { reused: socket.isSessionReused(), answered };
}
