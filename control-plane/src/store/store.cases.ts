import fc from 'fast-check';
import {
  StaleRevisionError,
  StoreFullError,
  type Change,
  type Commit,
  type ObjectChange,
  type OwnedChange,
  type Store,
} from './store.ts';

export interface StoreHarness {
  readonly store: Store;
  /** Closes the store and opens what it has left behind; the harness goes on with that one. */
  reopen(): Promise<Store>;
  /** Closes the store and removes what it has left behind. */
  destroy(): Promise<void>;
  /** Lets the medium run full, and makes room again. */
  readonly room: { exhaust(): void; restore(): void };
}

export interface StoreHarnessOptions {
  readonly keptRevisions: number;
}

const someone = { author: 'someone', message: '' };
const manyRevisions = { keptRevisions: 1_000 };

/** What every store must do. */
export function describeStore(name: string, open: (options: StoreHarnessOptions) => Promise<StoreHarness>): void {
  describe(`${name} as a store`, () => {
    let harness: StoreHarness;
    let store: Store;

    async function begin(options: StoreHarnessOptions = manyRevisions): Promise<void> {
      harness = await open(options);
      store = harness.store;
    }

    async function restart(options?: StoreHarnessOptions): Promise<void> {
      await harness.destroy();
      await begin(options);
    }

    beforeEach(() => begin());
    afterEach(() => harness.destroy());

    describe('a new one', () => {
      it('is at revision 0 and version 1, empty, with an epoch', async () => {
        const state = await store.load();
        expect(state).toEqual({ epoch: state.epoch, revision: 0, version: 1, objects: [] });
        expect(state.epoch).not.toBe('');
      });

      it('has another epoch than every other', async () => {
        const other = await open(manyRevisions);
        const epochs = [(await store.load()).epoch, (await other.store.load()).epoch];
        await other.destroy();
        expect(new Set(epochs).size).toBe(2);
      });

      it('could be written to', async () => {
        expect(await store.check()).toEqual({ ok: true });
      });
    });

    describe('membership', () => {
      const member = (name: string, n: number): OwnedChange => ({
        owner: 'consul:0',
        kind: 'member',
        name,
        after: { n },
      });

      it('takes the next version and no revision', async () => {
        expect(await store.commitMembership([member('web/10.0.0.1:80', 1)])).toEqual({ version: 2 });
        expect(await store.commit(0, put('a', 1))).toEqual({ revision: 1, version: 3 });
        expect(await store.commitMembership([member('web/10.0.0.2:80', 2)])).toEqual({ version: 4 });
        expect(await store.load()).toMatchObject({ revision: 1, version: 4 });
        expect((await store.revisions({ limit: 10 })).items).toHaveLength(1);
        expect(await store.commitsSince(1)).toMatchObject([{ revision: 1, version: 3 }]);
      });

      it('creates, replaces and removes what several owners bring under one name, and keeps it', async () => {
        const other = { ...member('web/10.0.0.1:80', 7), owner: 'registration' };
        await store.commitMembership([member('web/10.0.0.1:80', 1), member('web/10.0.0.2:80', 2), other]);
        await store.commitMembership([
          { ...member('web/10.0.0.1:80', 9), before: { n: 1 } },
          { owner: 'consul:0', kind: 'member', name: 'web/10.0.0.2:80', before: { n: 2 } },
        ]);
        store = await harness.reopen();
        expect(await store.loadMembership()).toEqual({
          version: 3,
          owned: [
            { owner: 'consul:0', kind: 'member', name: 'web/10.0.0.1:80', document: { n: 9 } },
            { owner: 'registration', kind: 'member', name: 'web/10.0.0.1:80', document: { n: 7 } },
          ],
        });
      });

      it('is refused whole when it does not fit what is there', async () => {
        await store.commitMembership([member('a/1.1.1.1:1', 1)]);
        const added = member('a/1.1.1.2:1', 2);
        for (const objects of [
          [added, { ...member('a/1.1.1.1:1', 3), before: { n: 2 } }],
          [added, member('a/1.1.1.1:1', 3)],
          [added, { ...member('a/1.1.1.9:1', 3), before: { n: 2 } }],
          [added, added],
          [],
        ]) {
          await expect(store.commitMembership(objects)).rejects.toThrow();
        }
        expect(await store.loadMembership()).toMatchObject({ version: 2, owned: [{ document: { n: 1 } }] });
      });

      it('is shown to watchers among commits, in the order of versions, before its promise resolves', async () => {
        const seen: number[] = [];
        store.watch(0, ({ version }) => seen.push(version));
        const stop = store.watchMembership(({ version }) => seen.push(version));
        await store.commitMembership([member('a/1.1.1.1:1', 1)]);
        expect(seen).toEqual([2]);
        await store.commit(0, put('a', 1));
        await store.commitMembership([member('a/1.1.1.2:1', 1)]);
        stop();
        await store.commitMembership([member('a/1.1.1.3:1', 1)]);
        expect(seen).toEqual([2, 3, 4]);
      });

      it('says which objects its last thousand versions changed', async () => {
        for (let n = 0; n < 1_002; n++) {
          await store.commitMembership([{ ...member('a/1.1.1.1:1', n + 1), ...(n === 0 ? {} : { before: { n } }) }]);
        }
        const { from, steps } = await store.membershipSince(1);
        expect([from, steps.length, steps[0]?.version, steps.at(-1)?.version]).toEqual([3, 1_000, 4, 1_003]);
        expect(steps[0]?.objects).toEqual([{ kind: 'member', name: 'a/1.1.1.1:1' }]);
        expect(await store.membershipSince(1_002)).toMatchObject({ from: 1_002, steps: [{ version: 1_003 }] });
      });

      it('is not acknowledged on a full medium, and is possible again when there is room', async () => {
        await store.commitMembership([member('a/1.1.1.1:1', 1)]);
        harness.room.exhaust();
        const many = Array.from({ length: 2_000 }, (_, n) => member(`b/1.1.1.1:${n + 1}`, n));
        await expect(store.commitMembership(many)).rejects.toThrow(StoreFullError);
        harness.room.restore();
        expect(await store.commitMembership(many)).toEqual({ version: 3 });
      });
    });

    describe('a commit', () => {
      it('takes the next revision and the next version', async () => {
        expect(await store.commit(0, put('a', 1))).toEqual({ revision: 1, version: 2 });
        expect(await store.commit(1, put('b', 2))).toEqual({ revision: 2, version: 3 });
        expect(await store.load()).toMatchObject({ revision: 2, version: 3 });
      });

      it('creates, replaces and removes objects', async () => {
        await store.commit(0, change(created('a', 1), created('b', 2), created('c', 3)));
        await store.commit(1, change(replaced('a', 1, 10), removed('b', 2)));
        expect((await store.load()).objects).toEqual([stored('a', 10, 2), stored('c', 3, 1)]);
      });

      it('moves the revision of an object whose content stays', async () => {
        await store.commit(0, change(created('a', 1), created('b', 2)));
        await store.commit(1, change(replaced('a', 1, 1), removed('b', 2)));
        expect((await store.load()).objects).toEqual([stored('a', 1, 2)]);
      });

      it('tells objects of one name and different kinds apart', async () => {
        const objects: ObjectChange[] = [
          { kind: 'backend', name: 'x', after: { n: 1 } },
          { kind: 'host', name: 'x', after: { n: 2 } },
          { kind: 'server', name: 'x', after: { n: 3 } },
          { kind: 'override', name: 'x', after: { n: 4 } },
        ];
        await store.commit(0, change(...objects));
        await store.commit(1, change({ kind: 'host', name: 'x', before: { n: 2 } }));
        expect((await store.load()).objects.map(({ kind }) => kind).sort()).toEqual(['backend', 'override', 'server']);
      });

      it('does not mind the order of keys in what was before', async () => {
        await store.commit(0, change({ kind: 'host', name: 'a', after: { x: 1, y: { p: 1, q: 2 } } }));
        await store.commit(1, change({ kind: 'host', name: 'a', before: { y: { q: 2, p: 1 }, x: 1 } }));
        expect((await store.load()).objects).toEqual([]);
      });

      it('keeps Unicode, control characters and __proto__ keys as they are', async () => {
        const text = '\u0000\u001f"\\/ä€𝄞 \u2028\u2029\ufeff\ud800';
        const document = JSON.parse(`{"__proto__":{"x":1},"text":${JSON.stringify(text)}}`) as unknown;
        const name = '"ä/𝄞\u0000 \u2028\'';
        await store.commit(0, {
          author: 'jürgen 𝄞',
          message: 'weil\u0000 …',
          objects: [{ kind: 'host', name, after: document }],
        });
        store = await harness.reopen();
        const [object] = (await store.load()).objects;
        expect(object?.name).toBe(name);
        expect(JSON.stringify(object?.document)).toBe(JSON.stringify(document));
        expect(await store.commitsSince(1)).toMatchObject([{ author: 'jürgen 𝄞', message: 'weil\u0000 …' }]);
      });

      it('keeps large documents', async () => {
        const document = { text: 'x'.repeat(256 * 1024) };
        await store.commit(0, change({ kind: 'backend', name: 'large', after: document }));
        await store.commit(1, change({ kind: 'backend', name: 'large', before: document, after: document }));
        expect((await store.load()).objects).toEqual([{ kind: 'backend', name: 'large', document, revision: 2 }]);
      });

      it('is refused when others were faster, and changes nothing', async () => {
        await store.commit(0, put('a', 1));
        await expect(store.commit(0, put('b', 2))).rejects.toThrow(StaleRevisionError);
        await expect(store.commit(2, put('b', 2))).rejects.toThrow(StaleRevisionError);
        expect(await store.load()).toMatchObject({ revision: 1, objects: [stored('a', 1, 1)] });
      });

      it('wins alone among those that expect the same revision', async () => {
        const attempts = Array.from({ length: 10 }, (_, index) => store.commit(0, put(`k${index}`, index)));
        const outcomes = await Promise.allSettled(attempts);
        const reasons = outcomes
          .filter((outcome) => outcome.status === 'rejected')
          .map(({ reason }) => reason as unknown);
        expect(reasons).toHaveLength(9);
        for (const reason of reasons) expect(reason).toBeInstanceOf(StaleRevisionError);
        expect((await store.load()).objects).toHaveLength(1);
      });

      it.each<[string, Change]>([
        ['no object', change()],
        ['an object twice', change(created('a', 1), created('a', 2))],
        ['an object that is absent before and after', change({ kind: 'host', name: 'a' })],
        ['content that JSON cannot say', change({ kind: 'host', name: 'a', after: { n: Number.NaN } })],
        ['a name that is not well-formed', change({ kind: 'host', name: '\ud800', after: {} })],
        ['a message above 1,000 characters', { ...put('a', 1), message: 'x'.repeat(1_001) }],
        ['the creation of what exists', change(created('new', 1), created('present', 1))],
        ['the replacement of what does not exist', change(created('new', 1), replaced('absent', 1, 2))],
        ['the removal of what does not exist', change(created('new', 1), removed('absent', 1))],
        ['the replacement of another content', change(created('new', 1), replaced('present', 0, 3))],
        ['the removal of another content', change(created('new', 1), removed('present', 2))],
      ])('is refused as a whole with %s', async (_, wrong) => {
        await store.commit(0, put('present', 1));
        const before = await store.load();
        const error: unknown = await store.commit(1, wrong).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(Error);
        expect(error).not.toBeInstanceOf(StaleRevisionError);
        expect(await store.load()).toEqual(before);
        expect(await store.commitsSince(2)).toEqual([]);
        expect(await store.commit(1, put('next', 1))).toEqual({ revision: 2, version: 3 });
      });
    });

    describe('reopened', () => {
      it('holds everything that it held', async () => {
        await store.commit(0, change(created('a', 1), created('b', 2)));
        await store.commit(1, change(removed('a', 1)));
        const [state, commits] = [await store.load(), await store.commitsSince(1)];
        store = await harness.reopen();
        expect(await store.load()).toEqual(state);
        expect(await store.commitsSince(1)).toEqual(commits);
      });

      it('goes on with the next revision and version', async () => {
        await store.commit(0, put('a', 1));
        store = await harness.reopen();
        expect(await store.commit(1, put('b', 2))).toEqual({ revision: 2, version: 3 });
      });
    });

    describe('commitsSince', () => {
      it('tells who, when, why and what, oldest first', async () => {
        await store.commit(0, { author: 'ada', message: 'first', objects: [created('a', 1)] });
        await store.commit(1, { author: 'bob', message: '', objects: [replaced('a', 1, 2), created('b', 1)] });
        const commits = await store.commitsSince(1);
        expect(commits).toEqual([
          {
            revision: 1,
            version: 2,
            at: expect.any(Number) as number,
            author: 'ada',
            message: 'first',
            objects: [created('a', 1)],
          },
          {
            revision: 2,
            version: 3,
            at: expect.any(Number) as number,
            author: 'bob',
            message: '',
            objects: [replaced('a', 1, 2), created('b', 1)],
          },
        ]);
      });

      it('begins after the version, and is empty at the newest and beyond', async () => {
        for (let revision = 0; revision < 5; revision++) await store.commit(revision, put(`k${revision}`, 1));
        expect(revisionsOf(await store.commitsSince(4))).toEqual([4, 5]);
        expect(await store.commitsSince(6)).toEqual([]);
        expect(await store.commitsSince(99)).toEqual([]);
      });

      it('gives the newest alone when all have changed more objects than are wanted', async () => {
        await store.commit(0, put('a', 1));
        await store.commit(1, { ...put('b', 1), objects: [created('b', 1), created('c', 1), created('d', 1)] });
        await store.commit(2, put('e', 1));
        await store.commit(3, put('f', 1));
        for (const [most, revisions] of [
          [6, [1, 2, 3, 4]],
          [5, [2, 3, 4]],
          [4, [3, 4]],
          [2, [3, 4]],
          [1, [4]],
          [0, []],
        ] as const) {
          expect(revisionsOf(await store.commitsSince(1, most))).toEqual(revisions);
        }
        expect(revisionsOf(await store.commitsSince(4, 6))).toEqual([4]);
      });

      it('says so when the changes are no longer kept', async () => {
        await restart({ keptRevisions: 3 });
        for (let revision = 0; revision < 10; revision++) await store.commit(revision, put(`k${revision}`, 1));
        expect(await store.commitsSince(7)).toBeUndefined();
        expect(revisionsOf(await store.commitsSince(8))).toEqual([8, 9, 10]);
        store = await harness.reopen();
        expect(await store.commitsSince(7)).toBeUndefined();
        expect(revisionsOf(await store.commitsSince(8))).toEqual([8, 9, 10]);
        expect((await store.load()).objects).toHaveLength(10);
      });
    });

    describe('revisions', () => {
      const nothing = { added: 0, changed: 0, removed: 0 };
      const none = { backend: nothing, server: nothing, override: nothing, host: nothing };

      it('are none in a new store', async () => {
        expect(await store.revisions({ limit: 10 })).toEqual({ kept: { oldest: 1, newest: 0 }, items: [] });
      });

      it('tell who, when, why and how much, newest first', async () => {
        await store.commit(0, { author: 'ada', message: 'first', objects: [created('a', 1), created('b', 1)] });
        await store.commit(1, {
          author: 'bob',
          message: '',
          objects: [
            replaced('a', 1, 2),
            removed('b', 1),
            { kind: 'backend', name: 'x', after: {} },
            { kind: 'override', name: 'x/10.0.0.1:80', after: { state: 'draining' } },
          ],
        });
        const [second, first] = (await store.commitsSince(1))!.toReversed();
        const { kept, items } = await store.revisions({ limit: 10 });
        expect(kept).toEqual({ oldest: 1, newest: 2 });
        expect(items).toEqual([
          {
            ...headerOf(second!),
            counts: {
              ...none,
              backend: { ...nothing, added: 1 },
              override: { ...nothing, added: 1 },
              host: { added: 0, changed: 1, removed: 1 },
            },
          },
          { ...headerOf(first!), counts: { ...none, host: { ...nothing, added: 2 } } },
        ]);
      });

      it('do not count what was written and stayed equal', async () => {
        await store.commit(0, put('a', 1));
        await store.commit(1, change(replaced('a', 1, 1), created('b', 1)));
        const [newest] = (await store.revisions({ limit: 1 })).items;
        expect(newest?.counts.host).toEqual({ added: 1, changed: 0, removed: 0 });
      });

      it('come in pages', async () => {
        for (let revision = 0; revision < 5; revision++) await store.commit(revision, put(`k${revision}`, 1));
        const page = async (limit: number, atMost?: number): Promise<readonly number[]> =>
          (await store.revisions({ limit, atMost })).items.map(({ revision }) => revision);
        expect(await page(2)).toEqual([5, 4]);
        expect(await page(2, 3)).toEqual([3, 2]);
        expect(await page(9, 2)).toEqual([2, 1]);
        expect(await page(9, 99)).toEqual([5, 4, 3, 2, 1]);
        expect(await page(9, 0)).toEqual([]);
      });

      it('are those that are kept', async () => {
        await restart({ keptRevisions: 3 });
        for (let revision = 0; revision < 10; revision++) await store.commit(revision, put(`k${revision}`, 1));
        await expectKept();
        store = await harness.reopen();
        await expectKept();

        async function expectKept(): Promise<void> {
          const { kept, items } = await store.revisions({ limit: 100 });
          expect(kept).toEqual({ oldest: 8, newest: 10 });
          expect(items.map(({ revision }) => revision)).toEqual([10, 9, 8]);
          expect((await store.revisions({ limit: 1, atMost: 7 })).items).toEqual([]);
        }
      });
    });

    describe('changesBetween', () => {
      it('gives each object that differs once, as it was at both ends', async () => {
        await store.commit(0, change(created('a', 1), created('b', 1), created('c', 1)));
        await store.commit(1, change(replaced('a', 1, 2), removed('b', 1)));
        await store.commit(2, change(replaced('a', 2, 3), created('d', 1)));
        expect(await between(0, 1)).toEqual([created('a', 1), created('b', 1), created('c', 1)]);
        expect(await between(1, 3)).toEqual([replaced('a', 1, 3), removed('b', 1), created('d', 1)]);
        expect(await between(2, 2)).toEqual([]);
      });

      it('leaves out what has become again what it was', async () => {
        await store.commit(0, change(created('a', 1), created('b', 1)));
        await store.commit(1, change(replaced('a', 1, 2), removed('b', 1), created('gone', 1)));
        await store.commit(2, change(replaced('a', 2, 1), created('b', 1), removed('gone', 1)));
        await store.commit(3, change(replaced('a', 1, 1)));
        expect(await between(1, 4)).toEqual([]);
      });

      it('tells objects of one name and different kinds apart', async () => {
        const objects: ObjectChange[] = [
          { kind: 'backend', name: 'x', after: { n: 1 } },
          { kind: 'host', name: 'x', after: { n: 2 } },
        ];
        await store.commit(0, change(...objects));
        expect(await between(0, 1)).toEqual(objects);
      });

      it('says so when a revision is not known', async () => {
        await store.commit(0, put('a', 1));
        expect(await store.changesBetween(0, 2)).toBeUndefined();
        expect(await store.changesBetween(2, 2)).toBeUndefined();
        expect(await store.changesBetween(1, 0)).toBeUndefined();
        expect(await store.changesBetween(-1, 1)).toBeUndefined();
      });

      it('knows the kept revisions and the one before the oldest, whatever is cleared away', async () => {
        await restart({ keptRevisions: 3 });
        for (let revision = 0; revision < 10; revision++) {
          await store.commit(revision, put(`k${revision}`, 1));
          const oldest = Math.max(0, revision + 1 - 3);
          expect(await between(oldest, revision + 1)).toHaveLength(revision + 1 - oldest);
          expect(await store.changesBetween(oldest - 1, revision + 1)).toBeUndefined();
        }
        store = await harness.reopen();
        expect(await between(7, 10)).toEqual([created('k7', 1), created('k8', 1), created('k9', 1)]);
        expect(await store.changesBetween(6, 10)).toBeUndefined();
      });

      it('knows nothing of a large revision that is only partly cleared away', async () => {
        await restart({ keptRevisions: 2 });
        const many = Array.from({ length: 3_000 }, (_, index) => created(`m${index}`, 1));
        await store.commit(0, change(...many));
        for (let revision = 1; revision < 8; revision++) {
          expect(await between(Math.max(0, revision - 2), revision)).toBeDefined();
          await store.commit(revision, put(`k${revision}`, 1));
          if (revision > 1) expect(await store.changesBetween(0, revision + 1)).toBeUndefined();
        }
      });

      it('gives a whole history or none when commits clear it away meanwhile', async () => {
        await restart({ keptRevisions: 2 });
        const many = Array.from({ length: 3_000 }, (_, index) => created(`m${index}`, 1));
        await store.commit(0, change(...many));
        await store.commit(1, put('a', 1));
        const reading = store.changesBetween(0, 2);
        for (let revision = 2; revision < 10; revision++) await store.commit(revision, put(`k${revision}`, 1));
        expect([undefined, 3_001]).toContain((await reading)?.length);
      });

      async function between(older: number, newer: number): Promise<readonly ObjectChange[] | undefined> {
        const changes = await store.changesBetween(older, newer);
        return changes?.toSorted((a, b) => (`${a.kind}/${a.name}` < `${b.kind}/${b.name}` ? -1 : 1));
      }
    });

    describe('watch', () => {
      it('shows a commit before its promise resolves, as commitsSince tells it', async () => {
        const seen: Commit[] = [];
        store.watch(0, (commit) => seen.push(commit));
        await store.commit(0, put('a', 1));
        expect(revisionsOf(seen)).toEqual([1]);
        await store.commit(1, change(replaced('a', 1, 2), created('b', 1)));
        expect(seen).toEqual(await store.commitsSince(1));
      });

      it('begins in the past, after the revision', async () => {
        for (let revision = 0; revision < 4; revision++) await store.commit(revision, put(`k${revision}`, 1));
        const seen: Commit[] = [];
        store.watch(2, (commit) => seen.push(commit));
        await store.commit(4, put('new', 1));
        await until(() => seen.length === 3);
        expect(seen).toEqual(await store.commitsSince(3));
      });

      it('begins in the past of a store that was reopened', async () => {
        await store.commit(0, put('a', 1));
        store = await harness.reopen();
        const seen: Commit[] = [];
        store.watch(0, (commit) => seen.push(commit));
        await until(() => seen.length === 1);
        expect(seen).toEqual(await store.commitsSince(1));
      });

      it('waits for a revision that is still to come', async () => {
        const seen: Commit[] = [];
        store.watch(2, (commit) => seen.push(commit));
        for (let revision = 0; revision < 4; revision++) await store.commit(revision, put(`k${revision}`, 1));
        expect(revisionsOf(seen)).toEqual([3, 4]);
      });

      it('has no gap and no duplicate while commits go on', async () => {
        const watchers: { readonly from: number; readonly seen: Commit[] }[] = [];
        for (let revision = 0; revision < 30; revision++) {
          const committed = store.commit(revision, put(`k${revision}`, revision));
          for (const from of [0, Math.floor(revision / 2), revision]) watchFrom(from);
          await committed;
        }
        function watchFrom(from: number): void {
          const watcher = { from, seen: [] as Commit[] };
          watchers.push(watcher);
          store.watch(from, (commit) => watcher.seen.push(commit));
        }
        for (const { from, seen } of watchers) {
          await until(() => seen.at(-1)?.revision === 30);
          expect(revisionsOf(seen)).toEqual(Array.from({ length: 30 - from }, (_, index) => from + index + 1));
        }
      });

      it('keeps the order for everybody when a listener commits or watches', async () => {
        const [first, second, third]: Commit[][] = [[], [], []];
        const commits: Promise<unknown>[] = [];
        store.watch(0, (commit) => {
          first!.push(commit);
          if (commit.revision < 5) commits.push(store.commit(commit.revision, put(`k${commit.revision}`, 1)));
          if (commit.revision === 2) store.watch(0, (past) => third!.push(past));
        });
        store.watch(0, (commit) => second!.push(commit));
        await store.commit(0, put('begin', 1));
        await until(() => commits.length === 4);
        await Promise.all(commits);
        for (const seen of [first!, second!, third!]) {
          await until(() => seen.length === 5);
          expect(revisionsOf(seen)).toEqual([1, 2, 3, 4, 5]);
        }
      });

      it('shows a watcher of the past what is committed meanwhile', async () => {
        await store.commit(0, put('a', 1));
        const commits: Promise<unknown>[] = [];
        const seen: Commit[] = [];
        store.watch(0, (commit) => {
          seen.push(commit);
          if (commit.revision < 4) commits.push(store.commit(commit.revision, put(`k${commit.revision}`, 1)));
        });
        await until(() => commits.length === 3);
        await Promise.all(commits);
        await until(() => seen.length === 4);
        expect(revisionsOf(seen)).toEqual([1, 2, 3, 4]);
      });

      it('says nothing of a commit that was refused', async () => {
        const seen: Commit[] = [];
        store.watch(0, (commit) => seen.push(commit));
        await store.commit(0, put('a', 1));
        await expect(store.commit(1, change(removed('absent', 1)))).rejects.toThrow();
        await store.commit(1, put('b', 1));
        expect(revisionsOf(seen)).toEqual([1, 2]);
      });

      it('stops when told to', async () => {
        const seen: Commit[] = [];
        const stop = store.watch(0, (commit) => seen.push(commit));
        await store.commit(0, put('a', 1));
        stop();
        stop();
        await store.commit(1, put('b', 1));
        expect(revisionsOf(seen)).toEqual([1]);
      });

      it('goes on for the others when a listener throws, and the commit stands', async () => {
        const seen: Commit[] = [];
        store.watch(0, () => {
          throw new Error('a bug');
        });
        store.watch(0, (commit) => seen.push(commit));
        await expect(store.commit(0, put('a', 1))).resolves.toEqual({ revision: 1, version: 2 });
        expect(revisionsOf(seen)).toEqual([1]);
      });

      it('is refused from a past that is no longer kept', async () => {
        await restart({ keptRevisions: 3 });
        for (let revision = 0; revision < 10; revision++) await store.commit(revision, put(`k${revision}`, 1));
        expect(() => store.watch(6, () => undefined)).toThrow(StaleRevisionError);
        const seen: Commit[] = [];
        store.watch(7, (commit) => seen.push(commit));
        await until(() => seen.length === 3);
        expect(revisionsOf(seen)).toEqual([8, 9, 10]);
      });
    });

    describe('on a full medium', () => {
      const large = { text: 'x'.repeat(2 * 1024 * 1024) };

      it('refuses a commit, holds what it held, and works when there is room again', async () => {
        await store.commit(0, put('a', 1));
        const before = await store.load();
        const seen: Commit[] = [];
        store.watch(1, (commit) => seen.push(commit));
        harness.room.exhaust();
        await expect(
          store.commit(1, change(created('b', 1), { kind: 'backend', name: 'large', after: large }, removed('a', 1))),
        ).rejects.toThrow(StoreFullError);
        expect(await store.load()).toEqual(before);
        expect(await store.commitsSince(2)).toEqual([]);
        expect(await store.check()).toMatchObject({ ok: false });
        expect(seen).toEqual([]);
        harness.room.restore();
        expect(await store.commit(1, put('b', 2))).toEqual({ revision: 2, version: 3 });
        expect(await store.check()).toEqual({ ok: true });
        store = await harness.reopen();
        expect((await store.load()).objects).toEqual([stored('a', 1, 1), stored('b', 2, 2)]);
      });
    });

    it('leads from any state to the newest by its commits', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(stepArbitrary, { minLength: 1, maxLength: 25 }), fc.nat(), async (steps, start) => {
          await restart();
          const states = [new Map<string, number>()];
          for (const step of steps) {
            const before = states.at(-1)!;
            const objects = [...step].flatMap(([key, value]) => changeTo(key, before.get(key), value));
            if (objects.length === 0) continue;
            await store.commit(states.length - 1, change(...objects));
            states.push(applied(before, objects));
          }
          const from = start % states.length;
          store = await harness.reopen();
          const replayed = (await store.commitsSince(from + 1))!.reduce(
            (state, { objects }) => applied(state, objects),
            states[from]!,
          );
          const loaded = (await store.load()).objects.map(
            ({ name, document }) => [name, (document as { n: number }).n] as const,
          );
          expect(replayed).toEqual(states.at(-1));
          expect(new Map(loaded)).toEqual(states.at(-1));
        }),
        { numRuns: 30 },
      );
    });

    describe('closed', () => {
      it('refuses everything, and may be closed again', async () => {
        await store.close();
        await store.close();
        await expect(store.load()).rejects.toThrow();
        await expect(store.commit(0, put('a', 1))).rejects.toThrow();
        await expect(store.commitsSince(1)).rejects.toThrow();
        await expect(store.revisions({ limit: 1 })).rejects.toThrow();
        await expect(store.changesBetween(0, 0)).rejects.toThrow();
        expect(() => store.watch(0, () => undefined)).toThrow();
        expect(await store.check()).toMatchObject({ ok: false });
      });
    });
  });
}

/** Keys with their next values; null is absent. */
const stepArbitrary = fc.uniqueArray(
  fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.option(fc.nat({ max: 3 }))),
  { minLength: 1, maxLength: 5, selector: ([key]) => key },
);

function changeTo(key: string, before: number | undefined, value: number | null): ObjectChange[] {
  if (before === undefined) return value === null ? [] : [created(key, value)];
  return [value === null ? removed(key, before) : replaced(key, before, value)];
}

function applied(state: ReadonlyMap<string, number>, objects: readonly ObjectChange[]): Map<string, number> {
  const next = new Map(state);
  for (const { name, after } of objects) {
    if (after === undefined) next.delete(name);
    else next.set(name, (after as { n: number }).n);
  }
  return next;
}

function change(...objects: ObjectChange[]): Change {
  return { ...someone, objects };
}

function put(name: string, n: number): Change {
  return change(created(name, n));
}

function created(name: string, n: number): ObjectChange {
  return { kind: 'host', name, after: { n } };
}

function replaced(name: string, from: number, to: number): ObjectChange {
  return { kind: 'host', name, before: { n: from }, after: { n: to } };
}

function removed(name: string, n: number): ObjectChange {
  return { kind: 'host', name, before: { n } };
}

function stored(name: string, n: number, revision: number): unknown {
  return { kind: 'host', name, document: { n }, revision };
}

function headerOf({ objects: _objects, ...header }: Commit): Omit<Commit, 'objects'> {
  return header;
}

function revisionsOf(commits: readonly Commit[] | undefined): readonly number[] | undefined {
  return commits?.map(({ revision }) => revision);
}

/** Waits for what a store may do a moment later. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('the condition did not come true within 10 s');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
