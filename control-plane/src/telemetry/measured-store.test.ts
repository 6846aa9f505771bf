import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@headgate/shared/clock';
import { Registry } from 'prom-client';
import { SqliteStore } from '../store/sqlite-store.ts';
import type { Commit } from '../store/store.ts';
import { measuredStore } from './measured-store.ts';

describe('measuredStore', () => {
  const change = {
    objects: [{ kind: 'backend' as const, name: 'web', after: { name: 'web' } }],
    author: 'admin',
    message: '',
  };
  let dataDir: string;
  let store: SqliteStore;
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'headgate-telemetry-'));
    store = await SqliteStore.open({ dataDir, clock: systemClock });
  });
  afterEach(async () => {
    await store.close();
    rmSync(dataDir, { recursive: true });
  });

  it('is the store that it wraps, and counts commits', async () => {
    const registry = new Registry();
    const measured = measuredStore(store, registry, systemClock);
    const seen: Commit[] = [];
    const stop = measured.watch(0, (commit) => seen.push(commit));
    expect(await measured.commit(0, change)).toEqual({ revision: 1, version: 2 });
    expect(seen.map(({ revision }) => revision)).toEqual([1]);
    expect(await measured.load()).toEqual(await store.load());
    expect(await measured.commitsSince(1)).toHaveLength(1);
    expect((await measured.revisions({ limit: 1 })).items).toHaveLength(1);
    expect(await measured.changesBetween(0, 1)).toHaveLength(1);
    expect(await measured.check()).toEqual({ ok: true });
    stop();
    expect(await registry.metrics()).toContain('headgate_store_commit_duration_seconds_count 1');
  });

  it('counts what did not happen by its reason, and passes it on', async () => {
    const registry = new Registry();
    const measured = measuredStore(store, registry, systemClock);
    await expect(measured.commit(5, change)).rejects.toThrow('revision');
    await measured.close();
    await expect(measured.commit(0, change)).rejects.toThrow();
    const text = await registry.metrics();
    expect(text).toContain('headgate_store_errors_total{reason="stale"} 1');
    expect(text).toContain('headgate_store_errors_total{reason="failed"} 1');
    expect(text).toContain('headgate_store_errors_total{reason="full"} 0');
    expect(text).toContain('headgate_store_commit_duration_seconds_count 0');
  });
});
