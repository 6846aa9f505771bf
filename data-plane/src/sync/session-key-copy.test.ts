import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import type { SessionKey, SessionKeySet } from '../affinity/session-key.ts';
import { eventually } from '../proxy/conformance/eventually.ts';
import { SessionKeyCopy } from './session-key-copy.ts';

const [one, two]: readonly SessionKey[] = [
  { id: 'aaaa', secret: Buffer.alloc(32, 0xa1), issuing: true },
  { id: 'bbbb', secret: Buffer.alloc(32, 0xb2), issuing: false },
];

describe('the copy of the session keys', () => {
  let folder: string;
  let path: string;
  let clock: ManualClock;
  let log: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'headgate-session-keys-'));
    path = join(folder, 'session-keys.json');
    clock = new ManualClock();
    log = '';
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  function open(): Promise<SessionKeyCopy> {
    const logger = createLogger('test', 'trace', { write: (line: string) => void (log += line) });
    return SessionKeyCopy.open({ path, clock, logger });
  }

  /** What a data plane has that starts now. */
  async function kept(): Promise<SessionKeySet> {
    return (await open()).keys.value;
  }

  it('is none at the first start, without a word', async () => {
    expect(await kept()).toEqual([]);
    expect(log).toBe('');
  });

  it('has the keys over a restart, for its owner alone, and nothing lies beside it', async () => {
    const copy = await open();
    copy.set([two!, one!]);
    await copy.close();
    expect(await kept()).toEqual([two, one]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['session-keys.json']);
    expect(log).toBe('');
  });

  it('has the newest keys, however fast they come', async () => {
    const copy = await open();
    const seen: string[] = [];
    copy.keys.subscribe((keys) => seen.push(keys.map(({ id }) => id).join('+')));
    for (let index = 0; index < 50; index++) copy.set([{ ...one!, id: `k${index}` }]);
    copy.set([one!, two!]);
    expect(seen.at(-1)).toBe('aaaa+bbbb');
    await copy.close();
    expect(await kept()).toEqual([one, two]);
  });

  it('takes equal keys for no change', async () => {
    const copy = await open();
    copy.set([one!]);
    let changes = -1;
    copy.keys.subscribe(() => changes++);
    copy.set([{ ...one!, secret: Buffer.from(one!.secret) }]);
    expect(changes).toBe(0);
    copy.set([{ ...one!, issuing: false }]);
    copy.set([{ ...one!, secret: two!.secret }]);
    expect(changes).toBe(2);
    await copy.close();
  });

  it.each<[string, (text: string) => string]>([
    ['is cut off', (text) => text.slice(0, -20)],
    ['has a flipped byte', (text) => text.replace('"aaaa"', '"aaab"')],
    ['is of another format', (text) => text.replace('"format":1', '"format":2')],
    ['is something else', () => '[null]'],
    ['is empty', () => ''],
    ['is huge', (text) => text + ' '.repeat(70_000)],
  ])('is none, and the log says so, when it %s', async (_, damage) => {
    const copy = await open();
    copy.set([one!, two!]);
    await copy.close();
    await writeFile(path, damage(await readFile(path, 'utf8')));
    expect(await kept()).toEqual([]);
    expect(log).toContain('damaged and not used');
    for (const encoding of ['base64', 'base64url', 'hex'] as const)
      expect(log).not.toContain(one!.secret.toString(encoding));
  });

  it('is tried again while it cannot be written, and the keys hold meanwhile', async () => {
    const copy = await open();
    await mkdir(path);
    await writeFile(join(path, 'in-the-way'), '');
    copy.set([one!]);
    await eventually(() => log.includes('cannot be kept on disk'), 'the failure is logged');
    expect(copy.keys.value).toEqual([one]);
    await rm(path, { recursive: true });
    await eventually(() => {
      clock.advance(5_000);
      return log.includes('can be kept on disk again');
    }, 'it is written');
    expect(await kept()).toEqual([one]);
    await copy.close();
  });

  it('replaces what a kill has left half written', async () => {
    await writeFile(`${path}.tmp`, 'half');
    await chmod(`${path}.tmp`, 0o644);
    const copy = await open();
    copy.set([one!]);
    await copy.close();
    expect(await kept()).toEqual([one]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});
