import { ServerCredentials } from '@grpc/grpc-js';
import { LatestValue } from '@headgate/shared/latest-value';
import { ManualClock } from '@headgate/shared/manual-clock';
import { testPem, TlsDirectory } from '@headgate/shared/tls/testdata/tls-directory';
import { TlsFiles } from '@headgate/shared/tls/tls-files';
import type { TlsMaterial } from '@headgate/shared/tls/tls-material';
import { Registry } from 'prom-client';
import { eventually } from '../proxy/conformance/eventually.ts';
import { ControlPlaneClient } from './control-plane-client.ts';
import type { ControlPlaneTls } from './control-plane-tls.ts';
import { DeviationSet } from './deviation-set.cases.ts';
import { say, ScriptedControlPlane, welcome } from './scripted-control-plane.cases.ts';
import { StatusBoard } from './status-board.ts';
import { openKeeper, silent } from './sync-stage.cases.ts';

const clock = new ManualClock();
const open: { close(): Promise<void> | void }[] = [];
let controlPlane: ScriptedControlPlane;
let board: StatusBoard;

beforeEach(() => {
  controlPlane = new ScriptedControlPlane();
  controlPlane.script = (stream) => say(stream, welcome());
  board = new StatusBoard({ clock, logger: silent, registry: new Registry() });
});

afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
  controlPlane.close();
});

/** A control plane with certificate `first`; with an authority it wants certificates of data planes. */
function overTls(authority?: string): ServerCredentials {
  const pair = { cert_chain: testPem('first.crt'), private_key: testPem('first.key') };
  return ServerCredentials.createSsl(
    authority === undefined ? null : testPem(`${authority}.crt`),
    [pair],
    authority !== undefined,
  );
}

interface Directed {
  readonly directory: TlsDirectory;
  readonly files: TlsFiles;
}

/** What a data plane has in its directory. */
async function filesOf(authority: string, client?: string): Promise<Directed> {
  const directory = await TlsDirectory.create();
  open.push({ close: () => directory.remove() });
  await directory.put('ca.crt', testPem(`${authority}.crt`));
  if (client !== undefined) await directory.putPair(client);
  const identity = client === undefined ? undefined : directory.identity;
  const files = await TlsFiles.forClient({ identity, authorities: directory.authorities }, { clock, logger: silent });
  if (!files.ok) throw new Error(JSON.stringify(files.faults));
  files.value.start();
  open.push(files.value);
  return { directory, files: files.value };
}

async function connect(credentials: ServerCredentials | undefined, tls: ControlPlaneTls | undefined): Promise<void> {
  clientOf(await controlPlane.start(credentials), tls).start();
}

function clientOf(port: number, tls: ControlPlaneTls | undefined): ControlPlaneClient {
  const client = new ControlPlaneClient({
    controlPlanes: [{ host: '127.0.0.1', port }],
    joinToken: 'token',
    tls,
    identity: { id: 'dp', labels: {}, softwareVersion: '1.0.0', threads: 1 },
    keeper: openKeeper().keeper,
    board,
    deviations: new DeviationSet(),
    explain: () => ({}),
    logger: silent,
    clock,
  });
  open.push(client);
  return client;
}

async function connected(): Promise<void> {
  await eventually(() => board.status.value.connected, `it is connected: ${reason()}`);
}

async function failed(): Promise<string> {
  await eventually(() => reason() !== '', 'the attempt has failed');
  return reason();
}

function reason(): string {
  return board.status.value.lastError?.reason ?? '';
}

/** Whom the newest stream comes from. */
function shown(): string | undefined {
  const peer = controlPlane.streams.at(-1)?.getAuthContext().sslPeerCertificate;
  return peer === undefined ? undefined : String(peer.subject.CN);
}

/** Lets files settle and pauses end until the condition holds. */
async function moving(condition: () => boolean, what: string): Promise<void> {
  await eventually(() => {
    clock.advance(200);
    return condition();
  }, what);
}

describe('a data plane that connects over TLS', () => {
  it('believes the authorities of its file, and sends its token', async () => {
    const { files } = await filesOf('servers-ca');
    await connect(overTls(), { material: files.material });
    await connected();
    expect(controlPlane.streams[0]!.metadata.get('authorization')).toEqual(['Bearer token']);
  });

  it('tells nothing, its token least of all, to who is of another authority', async () => {
    const { files } = await filesOf('clients-one-ca');
    await connect(overTls(), { material: files.material });
    expect(await failed()).toContain('HEADGATE_CONTROL_PLANE_CA must name the authority');
    expect(controlPlane.streams).toEqual([]);
    expect(board.status.value.connected).toBe(false);
  });

  it('believes the authorities of the system when it has no file', async () => {
    await connect(overTls(), { material: new LatestValue<TlsMaterial>({}) });
    expect(await failed()).toContain('UNAVAILABLE');
    expect(controlPlane.streams).toEqual([]);
  });

  it('insists on the name that it is told', async () => {
    const { files } = await filesOf('servers-ca');
    await connect(overTls(), { material: files.material, serverName: 'elsewhere.example.com' });
    expect(await failed()).toContain('HEADGATE_CONTROL_PLANE_SERVER_NAME');
    expect(controlPlane.streams).toEqual([]);
  });

  it('takes a certificate for the name that it is told', async () => {
    const { files } = await filesOf('servers-ca');
    await connect(overTls(), { material: files.material, serverName: 'localhost' });
    await connected();
  });

  it('shows its certificate, and its new one at the next connection', async () => {
    const authorities = Buffer.concat([testPem('clients-one-ca.crt'), testPem('clients-two-ca.crt')]);
    const pair = { cert_chain: testPem('first.crt'), private_key: testPem('first.key') };
    const { directory, files } = await filesOf('servers-ca', 'client-one');
    await connect(ServerCredentials.createSsl(authorities, [pair], true), { material: files.material });
    await connected();
    expect(shown()).toBe('client-one');

    await directory.putPair('client-two');
    const subject = (): string | undefined => files.material.value.identity?.subject;
    await moving(() => subject()?.endsWith('client-two') === true, 'the new certificate is in use');
    expect(controlPlane.streams).toHaveLength(1);
    expect(board.status.value.connected).toBe(true);
    controlPlane.streams[0]!.end();
    await moving(() => controlPlane.streams.length === 2, 'it is back');
    expect(shown()).toBe('client-two');
  });

  it('goes on with what it has while the new files cannot be used', async () => {
    const { directory, files } = await filesOf('servers-ca', 'client-one');
    await connect(overTls('clients-one-ca'), { material: files.material });
    await connected();
    await directory.put('tls.crt', 'nothing');
    await directory.put('ca.crt', 'nothing');
    await moving(() => files.lastError !== undefined, 'the files are refused');
    controlPlane.streams[0]!.end();
    await moving(() => controlPlane.streams.length === 2, 'it is back');
    expect(shown()).toBe('client-one');
  });

  it('is told where to look when its certificate is not accepted', async () => {
    const { files } = await filesOf('servers-ca', 'client-two');
    await connect(overTls('clients-one-ca'), { material: files.material });
    expect(await failed()).toContain('another certificate than HEADGATE_CONTROL_PLANE_CERT');
    expect(controlPlane.streams).toEqual([]);
  });

  it('is told when the control plane speaks plain text', async () => {
    const { files } = await filesOf('servers-ca');
    await connect(undefined, { material: files.material });
    expect(await failed()).toContain('the control plane does not seem to speak TLS there');
  });
});

describe('a data plane that connects in plain text', () => {
  it('is told when the control plane seems to speak TLS', async () => {
    await connect(overTls(), undefined);
    expect(await failed()).toContain('HEADGATE_CONTROL_PLANE_TLS=true');
    expect(controlPlane.streams).toEqual([]);
  });

  it('is told the same when nobody listens each time, so that the log says it once', async () => {
    const port = await controlPlane.start();
    controlPlane.close();
    const client = clientOf(port, undefined);
    const reasons: string[] = [];
    board.status.subscribe(({ lastError }) => lastError && reasons.push(lastError.reason));
    client.start();
    await moving(() => board.status.value.lastError !== undefined && reasons.length > 3, 'it has failed often');
    expect(new Set(reasons).size).toBe(1);
    expect(reasons[0]).toMatch(/^UNAVAILABLE: .*ECONNREFUSED 127\.0\.0\.1:\d+$/);
  });
});
