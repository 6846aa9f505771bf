import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '@headgate/shared/clock';
import { DnsTestServer } from '@headgate/shared/dns/dns-server.cases';
import { NameReader, type NameReaderOptions } from './name-reader.ts';

const NAME = 'web.example.test';

describe('NameReader', () => {
  let server: DnsTestServer;
  let directory: string;
  let skippedMs = 0;
  const clock: Clock = { ...systemClock, monotonic: () => performance.now() + skippedMs };
  beforeEach(async () => {
    server = await DnsTestServer.start();
    directory = await mkdtemp(join(tmpdir(), 'headgate-names-'));
  });
  afterEach(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });

  const open = (options: Partial<NameReaderOptions> = {}): NameReader =>
    new NameReader({
      resolvers: [server.address],
      allowedNetworks: [],
      clock,
      hostsFile: join(directory, 'hosts'),
      ...options,
    });

  it('asks for addresses of both families', async () => {
    server.holdAddresses(NAME, ['fd00::1', '10.0.0.1']);
    expect(await open().read(NAME)).toEqual({ outcome: 'success', addresses: ['10.0.0.1', 'fd00::1'] });
  });

  it('knows this machine without asking', async () => {
    const reading = { outcome: 'success', addresses: ['127.0.0.1', '::1'] };
    expect([await open().read('localhost'), await open().read('api.localhost')]).toEqual([reading, reading]);
    expect(server.questions).toEqual([]);
  });

  it('believes the hosts file before resolvers, and reads it again', async () => {
    server.holdAddresses(NAME, ['10.0.0.1']);
    const reader = open();
    writeFileSync(join(directory, 'hosts'), `10.0.0.2 ${NAME}\n`);
    expect(await reader.read(NAME)).toMatchObject({ addresses: ['10.0.0.2'] });
    writeFileSync(join(directory, 'hosts'), '');
    skippedMs += 10_000;
    expect(await reader.read(NAME)).toMatchObject({ addresses: ['10.0.0.1'] });
  });

  it('says why it has found nothing', async () => {
    expect(await open().read(NAME)).toEqual({ outcome: 'absent', reason: 'the name does not exist' });
    server.misbehave(NAME, 'servfail');
    expect(await open().read(NAME)).toMatchObject({ outcome: 'failed' });
    await server.stop();
    expect(await open().read(NAME)).toMatchObject({ outcome: 'failed' });
  });

  it('leaves out addresses where nobody may send this process', async () => {
    server.holdAddresses(NAME, ['169.254.169.254', '10.0.0.1', '::ffff:a9fe:a9fe', '0.0.0.0']);
    expect(await open().read(NAME)).toEqual({ outcome: 'success', addresses: ['10.0.0.1'] });
    server.holdAddresses(NAME, ['169.254.169.254', '224.0.0.1', 'fe80::1']);
    expect(await open().read(NAME)).toEqual({
      outcome: 'refused',
      reason: 'every address of it is refused (metadata_address, multicast_address, link_local_address)',
    });
    const allowedNetworks = [{ address: '169.254.0.0', family: 'ipv4', prefixLength: 16 }] as const;
    expect(await open({ allowedNetworks }).read(NAME)).toMatchObject({ addresses: ['169.254.169.254'] });
  });

  it('takes no more than 256 addresses', async () => {
    server.holdAddresses(
      NAME,
      Array.from({ length: 300 }, (_, index) => `10.0.${index >> 8}.${index & 255}`),
    );
    const reading = await open().read(NAME);
    expect(reading.outcome === 'success' && reading.addresses).toHaveLength(256);
  });

  it('asks the system what DNS does not know, for one name at a time', async () => {
    const asked: { readonly name: string; readonly answer: (addresses: readonly string[]) => void }[] = [];
    const askSystem = (name: string) => new Promise<readonly string[]>((answer) => void asked.push({ name, answer }));
    const reader = open({ askSystem });
    const readings = ['one.test', 'two.test'].map((name) => reader.read(name));
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    asked[0]!.answer(['10.0.0.1', '169.254.169.254']);
    while (asked.length === 1) await new Promise((resolve) => setImmediate(resolve));
    asked[1]!.answer([]);
    expect(await readings[0]).toEqual({ outcome: 'success', addresses: ['10.0.0.1'] });
    expect(await readings[1]).toEqual({ outcome: 'absent', reason: 'the name does not exist' });
    server.misbehave(NAME, 'servfail');
    expect(await reader.read(NAME)).toMatchObject({ outcome: 'failed' });
    expect(asked).toHaveLength(2);
  });

  it('does not ask the system where resolvers were named', async () => {
    // The system knows what it is called itself.
    expect(await open().read(hostname())).toMatchObject({ outcome: 'absent' });
  });

  it('ends what is under way when it is closed', async () => {
    server.misbehave(NAME, 'silence');
    const reader = open();
    const started = performance.now();
    const reading = reader.read(NAME);
    while (server.questions.length === 0) await new Promise((resolve) => setImmediate(resolve));
    reader.close();
    expect(await reading).toMatchObject({ outcome: 'failed' });
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
