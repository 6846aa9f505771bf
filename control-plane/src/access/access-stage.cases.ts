import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import type { AuditRetention, StoredAuditEntry } from '../store/access-store.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import type { AccessAuthor } from './token-register.ts';

/** A real store in a directory of its own, with a clock that stands still, for tests of who may. */
export class AccessStage {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'headgate-access-'));
  readonly clock = new ManualClock();
  readonly logger = createLogger('test', 'silent');
  readonly author: AccessAuthor = {
    author: 'admin',
    message: 'for tests',
    origin: { operation: 'anOperation', remote: '127.0.0.1' },
  };
  #store!: SqliteStore;

  static async open(auditRetention: Partial<AuditRetention> = {}): Promise<AccessStage> {
    const stage = new AccessStage();
    stage.#store = await SqliteStore.open({ dataDir: stage.dataDir, clock: stage.clock, auditRetention });
    return stage;
  }

  get store(): SqliteStore {
    return this.#store;
  }

  /** Closes the store and opens it again. */
  async reopen(): Promise<void> {
    await this.#store.close();
    this.#store = await SqliteStore.open({ dataDir: this.dataDir, clock: this.clock });
  }

  /** The newest first. */
  audit(): Promise<readonly StoredAuditEntry[]> {
    return this.#store.access.readAudit({ limit: 1_000 });
  }

  async close(): Promise<void> {
    await this.#store.close();
    rmSync(this.dataDir, { recursive: true });
  }
}
