import { mkdtemp, readdir, readFile, rm, stat, writeFile, mkdir, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import { ServerSlots, verdict, type ServerSlot } from '../upstream/server-slots.ts';
import { HealthTable } from './health-table.ts';
import { loadVerdicts } from './load-verdicts.ts';
import { until } from './probe.cases.ts';
import { VerdictCopy } from './verdict-copy.ts';

const success = { outcome: 'success', detail: '' } as const;
const refused = { outcome: 'connect_failed', detail: 'no connection: ECONNREFUSED' } as const;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headgate-verdicts-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function setUp(path = join(folder, 'verdicts.json')) {
  const clock = new ManualClock();
  const slots = new ServerSlots();
  const table = new HealthTable({ slots, clock });
  const copy = new VerdictCopy({ table, path, clock, logger: createLogger('test', 'silent') });
  const server = (port: number): ServerSlot =>
    slots.acquire({ key: `web/10.0.0.1:${port}`, backend: 'web', address: '10.0.0.1', port });
  const load = () => loadVerdicts({ path, clock });
  return { clock, slots, table, copy, server, load, path };
}

/** One healthy server, one unhealthy, one unknown. */
function fill({ table, server }: ReturnType<typeof setUp>) {
  const [healthy, dead, unknown] = [server(1), server(2), server(3)];
  for (const each of [healthy, dead, unknown]) table.begin(each);
  table.record(healthy, success, verdict.healthy);
  table.record(dead, refused, verdict.unhealthy);
}

async function written(path: string): Promise<string> {
  let text: string | undefined;
  await until(() => {
    readFile(path, 'utf8').then(
      (read) => (text = read),
      () => undefined,
    );
    return text !== undefined;
  });
  return text!;
}

describe('VerdictCopy', () => {
  it('keeps verdicts over a restart', async () => {
    const before = setUp();
    fill(before);
    await before.copy.close();
    before.clock.advance(30_000);
    const loaded = await before.load();
    if (!loaded.ok) throw new Error(loaded.reason);
    expect([loaded.ageMs, loaded.verdicts.size]).toEqual([30_000, 2]);
    expect(loaded.verdicts.take('web/10.0.0.1:1')?.verdict).toBe(verdict.healthy);
    expect(loaded.verdicts.take('web/10.0.0.1:2')).toEqual({
      verdict: verdict.unhealthy,
      sinceMs: 1_700_000_000_000,
      lastError: refused.detail,
    });
    expect(loaded.verdicts.take('web/10.0.0.1:3')).toBeUndefined();
  });

  it('gives each verdict once, and none when they have grown old meanwhile', async () => {
    const { clock, copy, load, ...rest } = setUp();
    fill({ clock, copy, load, ...rest });
    await copy.close();
    clock.advance(20_000);
    const loaded = await load();
    if (!loaded.ok) throw new Error(loaded.reason);
    expect(loaded.verdicts.take('web/10.0.0.1:1')).toBeDefined();
    expect(loaded.verdicts.take('web/10.0.0.1:1')).toBeUndefined();
    clock.advance(40_001);
    expect(loaded.verdicts.take('web/10.0.0.1:2')).toBeUndefined();
  });

  it('refuses a file that is older than 60 s, or of the future', async () => {
    const { clock, copy, load, ...rest } = setUp();
    fill({ clock, copy, load, ...rest });
    await copy.close();
    clock.advance(60_000);
    expect((await load()).ok).toBe(true);
    clock.advance(1);
    expect(await load()).toEqual({ ok: false, reason: 'too_old' });
    clock.jump(-60_002);
    expect(await load()).toEqual({ ok: false, reason: 'from_the_future' });
  });

  it('writes a change within five seconds, and not more often', async () => {
    const set = setUp();
    set.copy.start();
    fill(set);
    set.clock.advance(4_999);
    expect(await readdir(folder)).toEqual([]);
    set.clock.advance(1);
    const first = await written(set.path);
    set.table.record(set.server(1), refused, verdict.unhealthy);
    set.clock.advance(4_000);
    expect(await readFile(set.path, 'utf8')).toBe(first);
    await set.copy.close();
    expect(await readFile(set.path, 'utf8')).not.toBe(first);
    expect(set.clock.pending).toBe(0);
  });

  it('writes an unchanged file again before it is too old', async () => {
    const set = setUp();
    set.copy.start();
    fill(set);
    set.clock.advance(5_000);
    await written(set.path);
    await rm(set.path);
    set.clock.advance(15_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await readdir(folder)).toEqual([]);
    set.clock.advance(5_000);
    expect(JSON.parse(await written(set.path))).toMatchObject({ savedAtMs: set.clock.now() });
    await set.copy.close();
  });

  it('writes nothing where nothing is probed', async () => {
    const { copy, clock } = setUp();
    copy.start();
    clock.advance(100_000);
    await copy.close();
    expect(await readdir(folder)).toEqual([]);
  });

  it('writes a file for its owner alone, and leaves nothing beside it', async () => {
    const set = setUp();
    fill(set);
    await writeFile(`${set.path}.tmp`, 'left over', { mode: 0o666 });
    await chmod(`${set.path}.tmp`, 0o666);
    await set.copy.close();
    expect((await stat(set.path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['verdicts.json']);
  });

  it('goes on without a word to anyone but the log when it cannot write', async () => {
    const set = setUp(join(folder, 'absent', 'verdicts.json'));
    fill(set);
    await set.copy.close();
    await mkdir(join(folder, 'absent'));
    await set.copy.close();
    expect((await set.load()).ok).toBe(true);
  });
});

describe('loadVerdicts', () => {
  it('takes no file for what it is', async () => {
    expect(await setUp().load()).toEqual({ ok: false, reason: 'absent' });
  });

  it('refuses what is no file', async () => {
    const { path, load } = setUp();
    await mkdir(path);
    expect(await load()).toEqual({ ok: false, reason: 'unreadable' });
  });

  const now = new ManualClock().now();
  const entry = ['web/10.0.0.1:1', 'healthy', 1, ''];
  it.each([
    ['nothing', ''],
    ['half a document', `{"format":1,"savedAtMs":${now},"verdicts":[["web`],
    ['another format', JSON.stringify({ format: 2, savedAtMs: now, verdicts: [] })],
    ['no time', JSON.stringify({ format: 1, verdicts: [] })],
    ['a time that is a text', JSON.stringify({ format: 1, savedAtMs: String(now), verdicts: [] })],
    ['verdicts that are no list', JSON.stringify({ format: 1, savedAtMs: now, verdicts: { length: 1 } })],
    ['an unknown verdict', JSON.stringify({ format: 1, savedAtMs: now, verdicts: [['web/x', 'toString', 1, '']] })],
    ['an entry that is none', JSON.stringify({ format: 1, savedAtMs: now, verdicts: [entry, null] })],
    [
      'a key that is too long',
      JSON.stringify({ format: 1, savedAtMs: now, verdicts: [['x'.repeat(500), 'healthy', 1, '']] }),
    ],
    [
      'an error with a line break',
      JSON.stringify({ format: 1, savedAtMs: now, verdicts: [['x', 'healthy', 1, 'a\nb']] }),
    ],
    ['a time before all time', JSON.stringify({ format: 1, savedAtMs: now, verdicts: [['x', 'healthy', -1, '']] })],
    ['null', 'null'],
  ])('refuses %s', async (_what, text) => {
    const { path, load } = setUp();
    await writeFile(path, text);
    expect(await load()).toEqual({ ok: false, reason: 'damaged' });
  });
});
