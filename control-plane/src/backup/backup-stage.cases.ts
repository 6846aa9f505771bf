import { createLogger, type Logger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import Database from 'better-sqlite3';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { SqliteStore } from '../store/sqlite-store.ts';
import { createBackupMetrics } from './backup-metrics.ts';
import { Backups, type BackupsOptions } from './backups.ts';

/** A store with a directory for its backups. */
export interface BackupStage {
  readonly dataDir: string;
  readonly directory: string;
  readonly clock: ManualClock;
  readonly registry: Registry;
  readonly store: SqliteStore;
  /** Begins backups; the stage closes them. */
  begin(options?: Partial<BackupsOptions>): Promise<Backups>;
  /** Commits an object as the next revision. */
  commit(name: string, text?: string): Promise<void>;
  /** Writes a secret; without a key its value lies there as it is. */
  putSecret(name: string, value: string, keyId?: string): Promise<void>;
  /** Changes a stored text behind the store's back. */
  damage(text: string): void;
  /** Closes the store and opens it again. */
  reopen(): Promise<SqliteStore>;
  /** Names of the files of the directory. */
  files(): readonly string[];
  destroy(): Promise<void>;
}

export async function backupStage(): Promise<BackupStage> {
  const dataDir = mkdtempSync(join(tmpdir(), 'headgate-backup-'));
  const directory = join(dataDir, 'backups');
  const clock = new ManualClock();
  const logger: Logger = createLogger('test', 'silent');
  const registry = new Registry();
  const metrics = createBackupMetrics(registry);
  let store = await SqliteStore.open({ dataDir, clock });
  const begun: Backups[] = [];
  return {
    ...{ dataDir, directory, clock, registry },
    get store() {
      return store;
    },
    async begin(options) {
      const common = { source: store.path, directory, keep: 3, intervalMs: undefined, clock, logger, metrics };
      const backups = await Backups.create({ ...common, ...options });
      begun.push(backups);
      await backups.start();
      return backups;
    },
    async commit(name, text = 'text') {
      const { revision } = await store.load();
      const objects = [{ kind: 'host', name, after: { text } } as const];
      await store.commit(revision, { author: 'ada', message: '', objects });
    },
    async putSecret(name, value, keyId) {
      const bytes = Buffer.from(value);
      const sealed = { keyId, nonce: Buffer.alloc(12), bytes };
      await store.secrets.put({ name, expected: undefined, at: 0, size: bytes.length, sealed });
    },
    damage(text) {
      const database = new Database(store.path);
      database.prepare('UPDATE object SET document = replace(document, ?, ?)').run(text, text.toUpperCase());
      database.close();
    },
    async reopen() {
      await store.close();
      store = await SqliteStore.open({ dataDir, clock });
      return store;
    },
    files: () => readdirSync(directory),
    async destroy() {
      for (const backups of begun) await backups.close();
      await store.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}
