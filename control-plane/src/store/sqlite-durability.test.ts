import Database from 'better-sqlite3';
import { ManualClock } from '@headgate/shared/manual-clock';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from './sqlite-store.ts';
import { killStoreProcesses, StoreProcess } from './store-process.cases.ts';

const ROUNDS = 6;

describe('SqliteStore in a process that is killed', () => {
  let dataDir: string;
  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'headgate-killed-'));
  });
  afterEach(killStoreProcesses);
  afterAll(() => rmSync(dataDir, { recursive: true }));

  it('has lost nothing that it acknowledged, and goes on where it was', async () => {
    let acknowledged = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const before = acknowledged;
      acknowledged = await writeUntilKilled(10 + round * 17);
      expect(acknowledged).toBeGreaterThan(before);
      const store = await SqliteStore.open({ dataDir, clock: new ManualClock() });
      const { revision, version, objects } = await store.load();
      const commits = await store.commitsSince(1);
      await store.close();
      // The one that was under way may have become durable without having been acknowledged.
      expect([acknowledged, acknowledged + 1]).toContain(revision);
      expect(version).toBe(revision + 1);
      expect(new Set(objects.map(({ name }) => name))).toEqual(new Set(names(revision)));
      expect(commits?.map((commit) => commit.revision)).toEqual(
        Array.from({ length: revision }, (_, index) => index + 1),
      );
      expect(integrity()).toBe('ok');
      acknowledged = revision;
    }
  });

  async function writeUntilKilled(acknowledgements: number): Promise<number> {
    const writer = await StoreProcess.start(dataDir);
    writer.tell('forever');
    const lines: (string | undefined)[] = [];
    while (lines.length < acknowledgements) lines.push(await writer.next());
    lines.push(...(await writer.kill()));
    return Number(lines.at(-1)?.replace('ok ', ''));
  }

  function names(count: number): readonly string[] {
    return Array.from({ length: count }, (_, index) => `k${index + 1}`);
  }

  function integrity(): unknown {
    const database = new Database(join(dataDir, 'headgate.db'), { readonly: true });
    const answer = database.pragma('integrity_check', { simple: true });
    database.close();
    return answer;
  }
});
