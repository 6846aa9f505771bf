import type { AccessStore, AuditEntry, StoredToken } from './access-store.ts';
import { StoreFullError, type Change, type Store } from './store.ts';

export interface AccessStoreHarness {
  readonly store: Store & { readonly access: AccessStore };
  /** Closes the store and opens what it has left behind; the harness goes on with that one. */
  reopen(): Promise<AccessStoreHarness['store']>;
  /** Closes the store and removes what it has left behind. */
  destroy(): Promise<void>;
  /** Lets the medium run full, and makes room again. */
  readonly room: { exhaust(): void; restore(): void };
}

/** Writes 20, refusals 5 of either kind. */
export const keptForTests = { writes: 20, refusals: 5 };

/** What every store of who may, and who did, must do. */
export function describeAccessStore(name: string, open: () => Promise<AccessStoreHarness>): void {
  describe(`${name} as a store of access`, () => {
    let harness: AccessStoreHarness;
    let store: AccessStoreHarness['store'];
    beforeEach(async () => {
      harness = await open();
      store = harness.store;
    });
    afterEach(() => harness.destroy());

    it('is empty when it is new', async () => {
      expect(await store.access.load()).toEqual({ tokens: [], joinTokens: [] });
      expect(await store.access.readAudit({ limit: 10 })).toEqual([]);
    });

    it('keeps, replaces and removes tokens', async () => {
      await store.access.commit({ putTokens: [token('a'), token('b')], audit: [] });
      await store.access.commit({ putTokens: [token('b', { lastUsedAt: 7 })], removeTokens: ['a'], audit: [] });
      store = await harness.reopen();
      expect((await store.access.load()).tokens).toEqual([token('b', { lastUsedAt: 7 })]);
    });

    it('keeps join tokens as they were given last', async () => {
      const former = { secretDigest: 'one', createdAt: 1, expiresAt: 5 };
      await store.access.commit({ joinTokens: [former], audit: [] });
      const newest = { secretDigest: 'two', createdAt: 2 };
      await store.access.commit({ joinTokens: [newest, former], audit: [] });
      await store.access.commit({ putTokens: [token('a')], audit: [] });
      store = await harness.reopen();
      expect((await store.access.load()).joinTokens).toEqual([former, newest]);
    });

    it('moves neither revision nor version, and no watcher sees it', async () => {
      const seen: unknown[] = [];
      store.watch(0, (commit) => seen.push(commit));
      await store.access.commit({ putTokens: [token('a')], audit: [entry('x')] });
      expect(await store.load()).toMatchObject({ revision: 0, version: 1, objects: [] });
      expect(seen).toEqual([]);
    });

    it('notes every commit of the configuration with its revision and its request', async () => {
      await store.commit(0, { ...change('web'), origin: { operation: 'putBackend', remote: '10.0.0.1' } });
      await store.commit(1, change('api'));
      store = await harness.reopen();
      expect(await store.access.readAudit({ limit: 10 })).toMatchObject([
        { operation: '', remote: '', objects: ['backend/api'], revision: 2 },
        {
          ...{ outcome: 'written', actor: 'ci', message: 'why', operation: 'putBackend', remote: '10.0.0.1' },
          ...{ objects: ['backend/web'], changes: 1, revision: 1, count: 1, code: undefined },
        },
      ]);
    });

    it('notes no commit that did not happen', async () => {
      await store.commit(0, change('web'));
      await expect(store.commit(0, change('api'))).rejects.toThrow();
      await expect(store.commit(1, change('web'))).rejects.toThrow();
      harness.room.exhaust();
      const large = {
        ...change('large'),
        objects: [{ kind: 'host', name: 'l', after: 'x'.repeat(2_000_000) }],
      } as const;
      await expect(store.commit(1, large)).rejects.toThrow(StoreFullError);
      await expect(
        store.access.commit({ putTokens: [token('t', { createdBy: 'x'.repeat(2_000_000) })], audit: [entry('x')] }),
      ).rejects.toThrow(StoreFullError);
      harness.room.restore();
      expect((await store.access.readAudit({ limit: 10 })).map(({ revision }) => revision)).toEqual([1]);
      expect((await store.access.load()).tokens).toEqual([]);
    });

    it('names twenty objects of a large change, and counts all', async () => {
      const objects = Array.from({ length: 30 }, (_, n) => ({ kind: 'host', name: `h${n}`, after: n }) as const);
      await store.commit(0, { ...change('web'), objects });
      const [noted] = await store.access.readAudit({ limit: 1 });
      expect(noted?.objects).toHaveLength(20);
      expect(noted?.changes).toBe(30);
    });

    it('pages through the log from the newest on, filtered or not', async () => {
      const kinds = [entry('a'), refused('b', 'ci'), refused('c', undefined), entry('d'), refused('e', 'ci')];
      for (const one of kinds) await store.access.commit({ audit: [one] });
      const all = await store.access.readAudit({ limit: 10 });
      expect(all.map(({ operation }) => operation)).toEqual(['e', 'd', 'c', 'b', 'a']);
      const operations = async (query: object): Promise<readonly string[]> =>
        (await store.access.readAudit({ limit: 10, ...query })).map(({ operation }) => operation);
      expect(await operations({ limit: 2, before: all[1]!.id })).toEqual(['c', 'b']);
      expect(await operations({ outcome: 'refused' })).toEqual(['e', 'c', 'b']);
      expect(await operations({ actor: 'ci', outcome: 'written' })).toEqual(['d', 'a']);
      expect(await operations({ operation: 'c' })).toEqual(['c']);
    });

    it('keeps a bounded number, writes and refusals of either kind apart', async () => {
      for (let n = 0; n < 30; n++) {
        await store.access.commit({ audit: [entry(`w${n}`), refused(`k${n}`, 'ci'), refused(`u${n}`, undefined)] });
      }
      await store.access.pruneAudit();
      const kept = (await store.access.readAudit({ limit: 100 })).map(({ operation }) => operation);
      expect(kept.filter((name) => name.startsWith('w'))).toHaveLength(keptForTests.writes);
      expect(kept.filter((name) => name.startsWith('k'))).toEqual(['k29', 'k28', 'k27', 'k26', 'k25']);
      expect(kept.filter((name) => name.startsWith('u'))).toHaveLength(keptForTests.refusals);
    });

    it('keeps texts as they are', async () => {
      const message = '"ä/𝄞\u0000 \u2028\'';
      await store.access.commit({ audit: [{ ...entry('x'), message, objects: [message] }] });
      store = await harness.reopen();
      expect(await store.access.readAudit({ limit: 1 })).toMatchObject([{ message, objects: [message] }]);
    });

    it('refuses everything when it is closed', async () => {
      await store.close();
      await expect(store.access.load()).rejects.toThrow();
      await expect(store.access.commit({ audit: [] })).rejects.toThrow();
      await expect(store.access.readAudit({ limit: 1 })).rejects.toThrow();
    });
  });
}

function token(name: string, more: Partial<StoredToken> = {}): StoredToken {
  return { name, secretDigest: `digest of ${name}`, scopes: ['read'], createdAt: 1, createdBy: 'admin', ...more };
}

function entry(operation: string): AuditEntry {
  const nothing = { remote: '', objects: [], changes: 0, message: '', count: 1 };
  return { ...nothing, at: 1_700_000_000_000, outcome: 'written', actor: 'ci', operation };
}

function refused(operation: string, actor: string | undefined): AuditEntry {
  return { ...entry(operation), outcome: 'refused', actor, code: 'HEADGATE_FORBIDDEN' };
}

function change(name: string): Change {
  return { objects: [{ kind: 'backend', name, after: { name } }], author: 'ci', message: 'why' };
}
