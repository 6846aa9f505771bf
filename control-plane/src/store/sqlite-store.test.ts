import { ManualClock } from '@headgate/shared/manual-clock';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from './sqlite-store.ts';
import { describeStore, type StoreHarness, type StoreHarnessOptions } from './store.cases.ts';

describeStore('SqliteStore', openHarness);

async function openHarness({ keptRevisions }: StoreHarnessOptions): Promise<StoreHarness> {
  const dataDir = mkdtempSync(join(tmpdir(), 'headgate-store-'));
  const clock = new ManualClock();
  const open = (): Promise<SqliteStore> => SqliteStore.open({ dataDir, clock, keptRevisions });
  let store = await open();
  return {
    store,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    async destroy() {
      await store.close();
      rmSync(dataDir, { recursive: true });
    },
    room: {
      exhaust: () => store.limitBytes(4_096),
      restore: () => store.limitBytes(undefined),
    },
  };
}
