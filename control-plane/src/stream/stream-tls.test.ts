import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { credentials, status, type ChannelCredentials } from '@grpc/grpc-js';
import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import { testPem, TlsDirectory } from '@headgate/shared/tls/testdata/tls-directory';
import { TlsFiles } from '@headgate/shared/tls/tls-files';
import type { ServerTlsMaterial } from '@headgate/shared/tls/tls-material';
import { NotedFailures } from '../transport/noted-failures.cases.ts';
import { eventually } from './eventually.cases.ts';
import type { RawDataPlane } from './raw-data-plane.cases.ts';
import { StreamStage } from './stream-stage.cases.ts';

const clock = new ManualClock();
let directory: TlsDirectory;
let stage: StreamStage;
let files: TlsFiles<ServerTlsMaterial> | undefined;
let failures: NotedFailures;
const sockets: net.Socket[] = [];

beforeEach(async () => {
  directory = await TlsDirectory.create();
  await directory.putPair('first');
  failures = new NotedFailures('grpc', clock);
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await stage.close();
  await files?.close();
  files = undefined;
  await directory.remove();
});

/** A stream server with certificate `first`, and authorities of clients when they are named. */
async function serve(authority?: string): Promise<void> {
  if (authority !== undefined) await directory.put('ca.crt', testPem(`${authority}.crt`));
  const { identity, authorities } = directory;
  const sources = { identity, authorities: authority === undefined ? undefined : authorities };
  const opened = await TlsFiles.forServer(sources, { clock, logger: createLogger('test', 'silent') });
  if (!opened.ok) throw new Error(JSON.stringify(opened.faults));
  files = opened.value;
  files.start();
  stage = await StreamStage.open({ tls: files.material, handshakes: failures.handshakes });
}

/** What a data plane believes and shows. */
function over(client?: string, authority = 'servers-ca'): ChannelCredentials {
  const ca = testPem(`${authority}.crt`);
  if (client === undefined) return credentials.createSsl(ca);
  return credentials.createSsl(ca, testPem(`${client}.key`), testPem(`${client}.crt`));
}

async function join(id: string, channel?: ChannelCredentials): Promise<RawDataPlane> {
  const peer = stage.connect(undefined, channel);
  peer.hello(id);
  await peer.next('welcome');
  return peer;
}

async function refusal(channel?: ChannelCredentials): Promise<number> {
  const peer = stage.connect(undefined, channel);
  peer.hello('refused');
  return (await peer.ended()).code;
}

/** The name in the certificate that a new connection is shown. */
async function shown(client?: string): Promise<string> {
  const own = client === undefined ? {} : { cert: testPem(`${client}.crt`), key: testPem(`${client}.key`) };
  const to = { host: '127.0.0.1', port: stage.port, ALPNProtocols: ['h2'] };
  const socket = tls.connect({ ...to, ca: testPem('servers-ca.crt'), ...own });
  sockets.push(socket);
  await once(socket, 'secureConnect');
  return String(socket.getPeerCertificate().subject.CN);
}

/** Lets the files settle until the condition holds. */
async function settled(what: string, condition: () => boolean): Promise<void> {
  await eventually(what, () => {
    clock.advance(200);
    return condition();
  });
}

async function inUse(name: string): Promise<void> {
  await settled(`${name} is in use`, () => files!.material.value.identity.subject.endsWith(`CN=${name}`));
}

describe('streams over TLS', () => {
  it('go to data planes that believe the authority, without a certificate of theirs', async () => {
    await serve();
    await join('dp', over());
    expect(await failures.count()).toBe(0);
  });

  it('do not come about for a data plane that believes another authority', async () => {
    await serve();
    expect(await refusal(over(undefined, 'clients-one-ca'))).toBe(status.UNAVAILABLE);
    await join('dp', over());
    expect(stage.record('refused')).toBeUndefined();
  });

  it('still need the join token', async () => {
    await serve('clients-one-ca');
    await stage.close();
    stage = await StreamStage.open({
      tls: files!.material,
      joinTokens: { authenticate: (token) => (token === 'right' ? new AbortController().signal : undefined) },
    });
    expect(await refusal(over('client-one'))).toBe(status.UNAUTHENTICATED);
    const peer = stage.connect('right', over('client-one'));
    peer.hello('dp');
    await peer.next('welcome');
  });

  it('show the new certificate to new connections, and those that stand live on', async () => {
    await serve();
    const old = await join('old', over());
    await old.accept();
    expect(await shown()).toBe('first');
    await directory.putPair('second');
    await inUse('second');
    expect(await shown()).toBe('second');
    await join('new', over());
    stage.history.addSite('web');
    await old.accept();
    await eventually('the old stream is live', () => stage.state('old') === 'live');
    expect(old.error).toBeUndefined();
  });

  it('go on with the old certificate while the new files cannot be used', async () => {
    await serve();
    const old = await join('old', over());
    await directory.put('tls.key', testPem('second.key'));
    await settled('the files are refused', () => files!.lastError !== undefined);
    expect(await shown()).toBe('first');
    await join('new', over());
    expect(old.error).toBeUndefined();
    await directory.put('tls.crt', testPem('second.crt'));
    await inUse('second');
    expect(files!.lastError).toBeUndefined();
    expect(await shown()).toBe('second');
  });
});

describe('streams over TLS with certificates of data planes', () => {
  it('go to who shows one of the authority', async () => {
    await serve('clients-one-ca');
    await join('dp', over('client-one'));
  });

  it.each([
    ['none', undefined, 'the client showed no certificate'],
    ['one of another authority', 'client-two', "the client's certificate is not believed"],
  ])('do not come about for who shows %s', async (_, client, reason) => {
    await serve('clients-one-ca');
    expect(await refusal(over(client))).toBe(status.UNAVAILABLE);
    await eventually('it is logged', () => failures.reasons.some((text) => text.startsWith(reason)));
    expect(stage.record('refused')).toBeUndefined();
  });

  it('go by new authorities at new connections', async () => {
    await serve('clients-one-ca');
    const old = await join('old', over('client-one'));
    await old.accept();
    await directory.put('ca.crt', testPem('clients-two-ca.crt'));
    const believed = (): string | undefined => files!.material.value.authorities?.subjects[0];
    await settled('the authority is believed', () => believed()?.endsWith('clients-two-ca') === true);
    await join('new', over('client-two'));
    expect(await refusal(over('client-one'))).toBe(status.UNAVAILABLE);
    stage.history.addSite('web');
    await old.accept();
  });
});

describe('a gRPC port', () => {
  it('with TLS drops plain text, says why, and serves on', async () => {
    await serve();
    expect(await refusal()).toBe(status.UNAVAILABLE);
    await eventually('it is logged', () => failures.reasons.some((text) => text.startsWith('what came is not TLS')));
    expect(failures.lines[0]).toMatchObject({ level: 'warn', remote: '127.0.0.1' });
    await join('dp', over());
  });

  it('without TLS drops TLS, says why, and serves on', async () => {
    stage = await StreamStage.open({ handshakes: failures.handshakes });
    expect(await refusal(over())).toBe(status.UNAVAILABLE);
    await eventually('it is logged', () => failures.reasons.some((text) => text.includes('is not HTTP/2')));
    expect(failures.lines[0]).toMatchObject({ level: 'warn', remote: '127.0.0.1' });
    expect(await failures.count()).toBeGreaterThan(0);
    await join('dp');
  });

  it('with TLS cuts off who says nothing', async () => {
    await serve();
    const silent = net.connect(stage.port, '127.0.0.1').on('error', () => undefined);
    sockets.push(silent);
    await new Promise((resolve) => silent.resume().on('close', resolve));
    await eventually('it is logged', () => failures.reasons.includes('the client did not shake hands in time'));
  });
});
