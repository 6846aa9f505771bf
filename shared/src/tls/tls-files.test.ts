import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../clock.ts';
import { ManualClock } from '../manual-clock.ts';
import { TlsDirectory, testPem } from './testdata/tls-directory.ts';
import { TlsFiles, type TlsFilesOptions } from './tls-files.ts';
import type { ServerTlsMaterial } from './tls-material.ts';
import type { TlsSources } from './tls-sources.ts';

const POLL_MS = 10_000;
const SETTLE_MS = 200;
const NEVER_MS = 1e12;
const START_MS = Date.UTC(2030, 0, 1);
const FIRST = 'O=Headgate tests, CN=first';
const SECOND = 'O=Headgate tests, CN=second';

let directory: TlsDirectory;
let clock: ManualClock;
let lines: { readonly level: number; readonly msg: string }[];
let opened: { close(): Promise<void> }[];

beforeEach(async () => {
  directory = await TlsDirectory.create();
  clock = new ManualClock(START_MS);
  lines = [];
  opened = [];
  await directory.putPair('first');
});

afterEach(async () => {
  for (const files of opened) await files.close();
  await directory.remove();
});

function options(changes: Partial<TlsFilesOptions> = {}): TlsFilesOptions {
  const logger = pino({}, { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]) });
  return { clock, logger, ...changes };
}

async function follow(changes?: Partial<TlsFilesOptions>): Promise<TlsFiles<ServerTlsMaterial>> {
  const files = await TlsFiles.forServer({ identity: directory.identity }, options(changes));
  if (!files.ok) throw new Error(JSON.stringify(files.faults));
  opened.push(files.value);
  files.value.start();
  return files.value;
}

/** The faults of the start, when it must not succeed. */
async function faultsOf(sources: TlsSources): Promise<readonly { readonly code: string; readonly detail: string }[]> {
  const files = await TlsFiles.forClient(sources, options());
  return files.ok ? [] : files.faults;
}

/** Lets real reads and events happen, with a step before each look, until the condition holds. */
async function until(condition: () => boolean, step: () => void = () => undefined): Promise<void> {
  const end = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error('still waiting');
    step();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const move = (): void => clock.advance(SETTLE_MS);

/** Polls that have nothing new to tell. */
async function pollOften(): Promise<void> {
  let polls = 0;
  await until(
    () => polls === 20,
    () => {
      clock.advance(POLL_MS);
      polls += 1;
    },
  );
}

const errors = (): readonly string[] => lines.filter(({ level }) => level >= 50).map(({ msg }) => msg);
const warnings = (): readonly string[] => lines.filter(({ level }) => level === 40).map(({ msg }) => msg);

describe('TLS files at the start', () => {
  it('give the chain, the key and what logs and metrics show of them', async () => {
    await directory.put('ca.crt', Buffer.concat([testPem('clients-one-ca.crt'), testPem('clients-two-ca.crt')]));
    const files = await TlsFiles.forServer(
      { identity: directory.identity, authorities: directory.authorities },
      options(),
    );
    if (!files.ok) throw new Error('refused');
    const { identity, authorities } = files.value.material.value;
    expect(identity.certificateChain.toString().match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(identity.key.equals(testPem('first.key'))).toBe(true);
    expect(identity.subject).toBe(FIRST);
    expect(identity.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(identity.notBeforeMs).toBe(Date.UTC(2026, 0, 1));
    expect(identity.notAfterMs).toBe(Date.UTC(2126, 0, 1));
    expect(authorities?.subjects).toEqual([
      'O=Headgate tests, CN=clients-one-ca',
      'O=Headgate tests, CN=clients-two-ca',
    ]);
    expect(files.value.warnings).toEqual([]);
    expect(files.value.lastError).toBeUndefined();
  });

  it('may be authorities alone, for a client that shows no certificate', async () => {
    await directory.put('ca.crt', testPem('servers-ca.crt'));
    const files = await TlsFiles.forClient({ authorities: directory.authorities }, options());
    if (!files.ok) throw new Error('refused');
    expect(files.value.material.value.identity).toBeUndefined();
    expect(files.value.material.value.authorities?.notAfterMs).toBe(Date.UTC(2126, 0, 1));
  });

  it('may be one file of certificate and key, of which the chain holds no key', async () => {
    await directory.put('both.pem', Buffer.concat([testPem('first.key'), testPem('first.crt')]));
    const path = join(directory.path, 'both.pem');
    const { certificate, key } = directory.identity;
    const files = await TlsFiles.forServer(
      { identity: { certificate: { ...certificate, path }, key: { ...key, path } } },
      options(),
    );
    if (!files.ok) throw new Error('refused');
    expect(files.value.material.value.identity.certificateChain.toString()).not.toContain('PRIVATE');
  });

  const chain = testPem('first.crt').toString();
  const [leaf = '', intermediate = ''] = chain.split(/(?<=END CERTIFICATE-----\n)/);
  const crt = 'HEADGATE_TEST_TLS_CERTIFICATE';
  const key = 'HEADGATE_TEST_TLS_KEY';
  const ca = 'HEADGATE_TEST_TLS_CA';
  const spoiled = (pem: string): string => pem.replace(/\n[A-Za-z0-9+/]{20}/, `\n${'A'.repeat(20)}`);
  it.each([
    ['an empty certificate', 'tls.crt', '', 'invalid_certificate', crt],
    ['a certificate that is no PEM', 'tls.crt', Buffer.from([0x30, 0x82, 0, 1]), 'invalid_certificate', crt],
    ['a key in the place of the certificate', 'tls.crt', testPem('second.key'), 'invalid_certificate', crt],
    ['a chain that is cut off', 'tls.crt', chain.slice(0, -40), 'invalid_certificate', crt],
    ['a chain cut off inside a label', 'tls.crt', `${leaf}-----BEGIN CERTI`, 'invalid_certificate', crt],
    [
      'a chain whose second certificate is spoiled',
      'tls.crt',
      leaf + spoiled(intermediate),
      'invalid_certificate',
      crt,
    ],
    ['a chain in the wrong order', 'tls.crt', intermediate + leaf, 'key_mismatch', key],
    ['the certificate of another key', 'tls.crt', testPem('second.crt'), 'key_mismatch', key],
    ['the key of another certificate', 'tls.key', testPem('second.key'), 'key_mismatch', key],
    ['an empty key', 'tls.key', '', 'invalid_key', key],
    ['a key that is cut off', 'tls.key', testPem('first.key').subarray(0, 150), 'invalid_key', key],
    ['a certificate in the place of the key', 'tls.key', testPem('first.crt'), 'invalid_key', key],
    ['an encrypted key', 'tls.key', testPem('first-encrypted.key'), 'encrypted_key', key],
    ['a file beyond the limit', 'tls.key', Buffer.alloc(1_048_577, 10), 'file_too_large', key],
    ['an empty list of authorities', 'ca.crt', '', 'invalid_certificate', ca],
    ['authorities of which one is spoiled', 'ca.crt', leaf + spoiled(leaf), 'invalid_certificate', ca],
  ])('are refused with %s', async (_, file, content, code, setting) => {
    await directory.put('ca.crt', testPem('clients-one-ca.crt'));
    await directory.put(file, content);
    const faults = await faultsOf({ identity: directory.identity, authorities: directory.authorities });
    const pointer = `/${{ [crt]: 'testTlsCertificate', [key]: 'testTlsKey', [ca]: 'testTlsCa' }[setting]}`;
    expect(faults).toMatchObject([{ code, pointer }]);
    expect(faults[0]?.detail).toMatch(`${setting}: ${directory.path}/`);
  });

  it('are refused with a key that is too short for OpenSSL', async () => {
    await directory.putPair('weak');
    expect(await faultsOf({ identity: directory.identity })).toMatchObject([
      { code: 'unusable_certificate', detail: expect.stringContaining('ERR_SSL_EE_KEY_TOO_SMALL') as string },
    ]);
  });

  it('are refused with every fault at once, files that are missing, directories and pipes included', async () => {
    await unlink(join(directory.path, 'tls.crt'));
    await unlink(join(directory.path, 'tls.key'));
    await mkdir(join(directory.path, 'tls.crt'));
    execFileSync('mkfifo', [join(directory.path, 'tls.key')]);
    const faults = await faultsOf({ identity: directory.identity, authorities: directory.authorities });
    expect(faults.map(({ code }) => code)).toEqual(['unreadable_file', 'unreadable_file', 'unreadable_file']);
    expect(faults[2]?.detail).toMatch(/cannot be read \(ENOENT\)$/);
  });

  it.each([
    ['expired', 'certificate_expired', '2021-01-01T00:00:00.000Z'],
    ['future', 'certificate_not_yet_valid', '2125-01-01T00:00:00.000Z'],
  ])('are used with a warning when the certificate is %s', async (name, code, date) => {
    await directory.putPair(name);
    const files = await follow();
    expect(files.warnings).toMatchObject([
      { code, pointer: '/testTlsCertificate', detail: expect.stringContaining(date) as string },
    ]);
    expect(warnings()).toHaveLength(1);
  });

  it('are used with a warning when no authority is valid any more, and without when one is', async () => {
    await directory.put('ca.crt', testPem('expired.crt'));
    const sources = { authorities: directory.authorities };
    const old = await TlsFiles.forClient(sources, options());
    expect(old.ok && old.value.warnings).toMatchObject([{ code: 'certificate_expired', pointer: '/testTlsCa' }]);
    await directory.put('ca.crt', Buffer.concat([testPem('expired.crt'), testPem('servers-ca.crt')]));
    const mixed = await TlsFiles.forClient(sources, options());
    expect(mixed.ok && mixed.value.warnings).toEqual([]);
  });

  it('are used with a warning when everybody can read the key, until that is mended', async () => {
    await chmod(directory.identity.key.path, 0o644);
    const files = await follow();
    expect(files.warnings).toMatchObject([{ code: 'open_key_file', pointer: '/testTlsKey' }]);
    await chmod(directory.identity.key.path, 0o640);
    await until(() => files.warnings.length === 0, move);
    expect(warnings()).toHaveLength(1);
  });
});

describe('TLS files that change', () => {
  it('are used when the poll finds a new pair', async () => {
    const files = await follow();
    const subjects: string[] = [];
    files.material.subscribe(({ identity }) => void subjects.push(identity.subject));
    await directory.putPair('second');
    await until(() => subjects.length === 2, move);
    await pollOften();
    expect(subjects).toEqual([FIRST, SECOND]);
    expect(files.material.value.identity.key.equals(testPem('second.key'))).toBe(true);
  });

  it('are used when they changed before the start', async () => {
    const created = await TlsFiles.forServer({ identity: directory.identity }, options({ pollMs: NEVER_MS }));
    if (!created.ok) throw new Error('refused');
    opened.push(created.value);
    await directory.putPair('second');
    created.value.start();
    await until(() => created.value.material.value.identity.subject === SECOND, move);
  });

  it('are not judged while one of them is still to come', async () => {
    const files = await follow({ pollMs: NEVER_MS });
    const heard = () => clock.pending === 2;
    await directory.put('tls.crt', testPem('second.crt'));
    await until(heard);
    clock.advance(SETTLE_MS);
    await until(heard);
    clock.advance(SETTLE_MS - 1);
    await directory.put('tls.key', testPem('second.key'));
    clock.advance(1);
    await until(() => files.material.value.identity.subject === SECOND, move);
    expect(files.refusals).toBe(0);
    expect(errors()).toEqual([]);
  });

  it('are not judged sooner because they are looked at often', async () => {
    const files = await follow({ pollMs: 1 });
    const changedMs = clock.now();
    await directory.put('tls.crt', testPem('second.crt'));
    await until(
      () => files.lastError !== undefined,
      () => clock.advance(1),
    );
    expect(files.lastError?.sinceMs).toBeGreaterThanOrEqual(changedMs + SETTLE_MS);
  });

  it('leave the old pair in use while they are bad, say why once, and are used when they are good again', async () => {
    const files = await follow();
    const seen: string[] = [];
    files.material.subscribe(({ identity }) => void seen.push(identity.subject));
    await directory.put('tls.crt', testPem('second.crt'));
    await until(() => files.lastError !== undefined, move);
    await pollOften();
    expect(files.lastError?.faults).toMatchObject([{ code: 'key_mismatch', pointer: '/testTlsKey' }]);
    expect(files.lastError?.sinceMs).toBeGreaterThan(START_MS);
    expect(errors()).toHaveLength(1);

    await directory.put('tls.key', 'garbage');
    await until(() => errors().length === 2, move);
    expect(files.lastError?.faults).toMatchObject([{ code: 'invalid_key' }]);
    expect(files.refusals).toBe(2);
    expect(seen).toEqual([FIRST]);

    await directory.putPair('second');
    await until(() => seen.length === 2, move);
    expect(files.lastError).toBeUndefined();
    expect(seen).toEqual([FIRST, SECOND]);
  });

  it('are no new material when they are again what is in use', async () => {
    const files = await follow();
    let changes = -1;
    files.material.subscribe(() => (changes += 1));
    await unlink(directory.identity.key.path);
    await until(() => files.lastError !== undefined, move);
    expect(files.lastError?.faults).toMatchObject([{ code: 'unreadable_file' }]);
    await directory.putPair('first');
    await until(() => files.lastError === undefined, move);
    expect(changes).toBe(0);
  });

  it('are warned about once when the certificate expires in use', async () => {
    const files = await follow();
    clock.jump(Date.UTC(2126, 0, 2) - START_MS);
    await until(() => files.warnings.length > 0, move);
    await pollOften();
    expect(files.warnings).toMatchObject([{ code: 'certificate_expired' }]);
    expect(warnings()).toHaveLength(1);
    expect(files.material.value.identity.subject).toBe(FIRST);
  });

  it('change nothing once closed, not even what is being read just now', async () => {
    const files = await follow({ pollMs: NEVER_MS });
    const heard = () => clock.pending === 2;
    await directory.putPair('second');
    await until(heard);
    clock.advance(SETTLE_MS);
    await until(heard);
    clock.advance(SETTLE_MS);
    await files.close();
    expect(clock.pending).toBe(0);
    expect(files.material.value.identity.subject).toBe(FIRST);
  });

  it('never get into logs and faults', async () => {
    const files = await follow();
    for (const content of ['first-encrypted.key', 'second.key', 'first.crt', 'second.crt']) {
      const before = files.refusals;
      await directory.put('tls.key', testPem(content));
      await until(() => files.refusals > before, move);
    }
    const said = JSON.stringify([lines, files.lastError]);
    const secrets = ['first.key', 'second.key', 'first-encrypted.key'].flatMap((name) =>
      testPem(name)
        .toString()
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('-----'))
        .flatMap((line) => line.match(/.{8}/g) ?? []),
    );
    expect(secrets.length).toBeGreaterThan(40);
    expect(secrets.filter((secret) => said.includes(secret))).toEqual([]);
  });
});

describe('the watch on TLS files', () => {
  const watched = { pollMs: NEVER_MS, clock: systemClock, settleMs: 20 };

  it('hears of files that are renamed into place', async () => {
    const files = await follow(watched);
    await directory.putPair('second');
    await until(() => files.material.value.identity.subject === SECOND);
  });

  it('hears of files that are written in place', async () => {
    const files = await follow(watched);
    await writeFile(directory.identity.certificate.path, testPem('second.crt'));
    await writeFile(directory.identity.key.path, testPem('second.key'));
    await until(() => files.material.value.identity.subject === SECOND);
  });

  it('hears of the swap of a symlink beside the files, as in a Kubernetes volume', async () => {
    for (const name of ['first', 'second']) {
      await mkdir(join(directory.path, `..${name}`));
      await writeFile(join(directory.path, `..${name}`, 'tls.crt'), testPem(`${name}.crt`));
      await writeFile(join(directory.path, `..${name}`, 'tls.key'), testPem(`${name}.key`), { mode: 0o600 });
    }
    const { certificate, key } = directory.identity;
    await symlink('..first', join(directory.path, '..data'));
    for (const { path } of [certificate, key]) await unlink(path);
    await symlink('..data/tls.crt', certificate.path);
    await symlink('..data/tls.key', key.path);
    const files = await follow(watched);
    expect(files.material.value.identity.subject).toBe(FIRST);
    await symlink('..second', join(directory.path, '..data_tmp'));
    await rename(join(directory.path, '..data_tmp'), join(directory.path, '..data'));
    await until(() => files.material.value.identity.subject === SECOND);
    await rm(join(directory.path, '..first'), { recursive: true });
    expect(files.refusals).toBe(0);
  });

  it('is on the new directory once the poll has found that the old one was replaced', async () => {
    const files = await follow();
    // Nothing tells of a directory above the watched one.
    const aside = `${directory.path}-aside`;
    const replacement = await TlsDirectory.create();
    await replacement.putPair('second');
    await rename(directory.path, aside);
    await rename(replacement.path, directory.path);
    await until(() => files.material.value.identity.subject === SECOND, move);
    await rm(aside, { recursive: true });

    await until(() => clock.pending === 1, move);
    await directory.putPair('first');
    await until(() => clock.pending === 2);
    await until(() => files.material.value.identity.subject === FIRST, move);
  });

  it('is missed when there is no directory, and the poll finds the files when there is one again', async () => {
    const files = await follow();
    await rm(directory.path, { recursive: true });
    await until(() => files.lastError !== undefined, move);
    expect(warnings()).toEqual([expect.stringContaining('cannot be watched')]);
    expect(files.material.value.identity.subject).toBe(FIRST);
    await mkdir(directory.path);
    await directory.putPair('second');
    await until(() => files.material.value.identity.subject === SECOND, move);
    expect(files.lastError).toBeUndefined();
  });
});
