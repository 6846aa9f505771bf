import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import { restoreBackup } from '../backup/restore-backup.ts';
import { writeBackup } from '../backup/write-backup.ts';
import { secretsKey, type SecretsKey } from '../secrets/secrets-key.ts';
import { Secrets } from '../secrets/secrets.ts';
import { databasePath } from '../store/database-path.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { StoreFullError } from '../store/store.ts';
import { eventually } from '../stream/eventually.cases.ts';
import { SessionKeys } from './session-keys.ts';
import type { SessionKeySet } from './session-key.ts';

const hour = 3_600_000;
const who = { author: 'ada', message: 'because', origin: { operation: 'rotateSessionKeys', remote: '127.0.0.1' } };

describe('the session keys', () => {
  let clock: ManualClock;
  let parent: string;
  let key: SecretsKey | undefined;
  let store: SqliteStore;
  let secrets: Secrets;
  let sessionKeys: SessionKeys;
  let log: string;
  /** While set, the store takes no session keys. */
  let full: boolean;

  beforeEach(async () => {
    clock = new ManualClock();
    parent = mkdtempSync(join(tmpdir(), 'headgate-session-keys-'));
    key = undefined;
    log = '';
    full = false;
    await open();
  });
  afterEach(async () => {
    await close();
    rmSync(parent, { recursive: true });
  });

  async function open(): Promise<void> {
    const logger = createLogger('test', 'trace', { write: (line: string) => void (log += line) });
    store = await SqliteStore.open({ dataDir: parent, clock });
    secrets = await Secrets.create(store.secrets, { keys: { current: key }, clock, logger });
    await secrets.start();
    sessionKeys = await SessionKeys.start({
      secrets: {
        read: (name) => secrets.read(name),
        keep: (secret) => (full ? Promise.reject(new StoreFullError('full')) : secrets.keep(secret)),
      },
      clock,
      logger,
    });
  }

  async function close(): Promise<void> {
    await sessionKeys.close();
    await secrets.close();
    await store.close();
  }

  /** As after a kill: what the store has is all there is. */
  async function restart(): Promise<void> {
    await close();
    await open();
  }

  const keys = (): SessionKeySet => sessionKeys.keys.value;
  const states = (): readonly string[] => keys().map(({ state }) => state);
  const rotate = (graceMs = 24 * hour): Promise<void> => sessionKeys.rotate({ ...who, graceMs });

  /** Lets time pass, and waits for the step that is due then. */
  async function pass(milliseconds: number, expected: readonly string[]): Promise<void> {
    clock.advance(milliseconds);
    await eventually(`the keys are ${expected.join(', ')}`, () => states().join() === expected.join());
  }

  it('are made at the first start and the same ever after', async () => {
    expect(states()).toEqual(['issuing']);
    const before = keys();
    await restart();
    expect(keys()).toEqual(before);
  });

  it('are no secrets that anybody else sees, and can be named by no request', async () => {
    expect([...secrets.records.value]).toEqual([]);
    await restart();
    expect([...secrets.records.value]).toEqual([]);
  });

  it('lie encrypted in every file when there is a key for secrets, and are so after the first start with one', async () => {
    const secret = keys()[0]!.secret.toString('base64');
    expect(filesWith(secret)).not.toEqual([]);
    key = secretsKey(randomBytes(32));
    const before = keys();
    await restart();
    expect(keys()).toEqual(before);
    expect(filesWith(secret)).toEqual([]);
  });

  it('show nothing of themselves in logs and status', async () => {
    await rotate();
    await pass(60_000, ['issuing', 'retiring']);
    const shown = log + JSON.stringify(sessionKeys.status);
    for (const { id, secret } of keys()) {
      expect(shown).toContain(id);
      for (const encoding of ['base64', 'base64url', 'hex', 'latin1'] as const)
        expect(shown).not.toContain(secret.toString(encoding));
    }
  });

  it('rotate in three steps, each by itself', async () => {
    const [old] = keys();
    await rotate(hour);
    expect(states()).toEqual(['accepted', 'issuing']);
    expect(sessionKeys.status).toMatchObject([{ issuesAt: clock.now() + 60_000 }, { id: old!.id }]);
    clock.advance(59_999);
    expect(states()).toEqual(['accepted', 'issuing']);
    await pass(1_001, ['issuing', 'retiring']);
    const goesAt = sessionKeys.status[1]!.expiresAt!;
    expect(goesAt - clock.now()).toBeLessThanOrEqual(hour);
    expect(goesAt - clock.now()).toBeGreaterThan(hour - 2_000);
    await pass(hour, ['issuing']);
    expect(keys()[0]!.id).not.toBe(old!.id);
  });

  it('refuse a rotation before the last one has taken over, and say how long to wait', async () => {
    await rotate();
    clock.advance(15_000);
    await expect(rotate()).rejects.toMatchObject({ code: 'HEADGATE_ROTATING', retryAfterMs: 45_000 });
    await pass(46_000, ['issuing', 'retiring']);
    await rotate();
    expect(states()).toEqual(['accepted', 'issuing', 'retiring']);
  });

  it('refuse a rotation while too many former keys are read', async () => {
    for (const former of [1, 2, 3]) {
      await rotate(hour);
      await pass(61_000, ['issuing', ...Array<string>(former).fill('retiring')]);
    }
    await expect(rotate()).rejects.toMatchObject({ code: 'HEADGATE_ROTATING' });
    await pass(hour, ['issuing']);
    await rotate();
  });

  it('lose every former key at once when the grace is nothing', async () => {
    await rotate();
    await pass(61_000, ['issuing', 'retiring']);
    await rotate(0);
    expect(states()).toEqual(['accepted', 'issuing', 'retiring']);
    await pass(61_000, ['issuing']);
  });

  it('go on from the last step after a restart, and give data planes their time again', async () => {
    await rotate(hour);
    const rotating = keys();
    clock.advance(50_000);
    await restart();
    expect(keys()).toEqual(rotating);
    clock.advance(59_000);
    expect(states()).toEqual(['accepted', 'issuing']);
    await pass(2_000, ['issuing', 'retiring']);
    const replaced = keys();
    await restart();
    expect(keys()).toEqual(replaced);
    clock.advance(hour);
    await restart();
    expect(states()).toEqual(['issuing']);
  });

  it('stay as they are while the store takes no writes, and go on when it does', async () => {
    await rotate();
    const rotating = keys();
    full = true;
    clock.advance(61_000);
    await eventually('the failure is logged', () => log.includes('could not be stored'));
    expect(keys()).toBe(rotating);
    full = false;
    await pass(11_000, ['issuing', 'retiring']);
  });

  it('are none until the first can be stored', async () => {
    await secrets.close();
    rmSync(databasePath(parent));
    full = true;
    await restart();
    expect(states()).toEqual([]);
    await expect(rotate()).rejects.toMatchObject({ code: 'HEADGATE_UNAVAILABLE' });
    full = false;
    await pass(11_000, ['issuing']);
  });

  it('leave a word in the audit log', async () => {
    await rotate();
    const [entry] = await store.access.readAudit({ limit: 1 });
    expect(entry).toMatchObject({ operation: 'rotateSessionKeys', actor: 'ada', objects: ['session-keys'] });
  });

  it('come back with a backup that has secrets, and are made anew without a word with one that has none', async () => {
    const clear = keys();
    const leftOut = writeBackup({ source: store.path, target: join(parent, 'clear.backup') });
    expect(leftOut.leftOut).toEqual([]);
    key = secretsKey(randomBytes(32));
    await restart();
    writeBackup({ source: store.path, target: join(parent, 'sealed.backup') });
    await close();
    await restoreBackup({ from: join(parent, 'sealed.backup'), path: databasePath(parent) });
    await open();
    expect(keys()).toEqual(clear);
    await close();
    log = '';
    expect(await restoreBackup({ from: join(parent, 'clear.backup'), path: databasePath(parent) })).toMatchObject({
      leftOut: [],
    });
    await open();
    expect(states()).toEqual(['issuing']);
    expect(keys()[0]!.id).not.toBe(clear[0]!.id);
    expect(log).not.toContain('set them again');
  });

  it('that this release cannot read keep it from starting', async () => {
    await secrets.keep({ name: '.session-keys', value: Buffer.from('{"format":2}') });
    await sessionKeys.close();
    const start = SessionKeys.start({ secrets, clock, logger: createLogger('test', 'silent') });
    await expect(start).rejects.toThrow(/session keys .* no form that this release knows/);
  });

  function filesWith(text: string): readonly string[] {
    return readdirSync(parent, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .filter((entry) => hasText(readFileSync(join(entry.parentPath, entry.name)), text))
      .map(({ name }) => name);
  }
});

/** Values lie in base64 in the database. */
function hasText(content: Buffer, text: string): boolean {
  return content.includes(text) || [0, 1, 2].some((shift) => content.includes(middleOf(text, shift)));
}

/** What a text becomes inside a longer one in base64, without the ends that depend on what is around it. */
function middleOf(text: string, shift: number): string {
  return Buffer.from('x'.repeat(shift) + text)
    .toString('base64')
    .slice(4, -4);
}
