import { ConfigurationHistory } from './configuration-history.cases.ts';
import { initialSnapshot } from './initial-snapshot.ts';
import type { MembershipStep, RevisionSummary } from '../store/store.ts';
import { SnapshotLog, type StoredVersions } from './snapshot-log.ts';

/** What a store tells that holds these commits; `steps` came from membership. */
function storeOf(
  commitsSince: StoredVersions['commitsSince'],
  { steps = [], from = 1, newest = 4 }: { steps?: readonly MembershipStep[]; from?: number; newest?: number } = {},
): StoredVersions {
  return {
    commitsSince,
    membershipSince: async (version) => ({
      from: Math.max(from, version),
      steps: steps.filter((step) => step.version > version),
    }),
    revisions: async () => {
      const counts = {} as RevisionSummary['counts'];
      const item = { revision: 1, version: newest, at: 0, author: '', message: '', counts };
      return { kept: { oldest: 1, newest: 1 }, items: [item] };
    },
  };
}

describe('the snapshot log', () => {
  it('tells subscribers of each newest snapshot', () => {
    const history = new ConfigurationHistory();
    const seen: number[] = [];
    history.log.latest.subscribe(({ id }) => seen.push(id.version));
    history.putBackend('a');
    history.putBackend('b');
    expect(seen).toEqual([1, 2, 3]);
  });

  it('joins what several versions changed, each key once', () => {
    const history = new ConfigurationHistory();
    history.putBackend('a');
    history.putBackend('b');
    history.putBackend('b', { via: false });
    expect(history.log.deltaKeys(1)).toEqual(new Set(['backend/a', 'backend/b']));
    expect(history.log.deltaKeys(3)).toEqual(new Set(['backend/b']));
    expect(history.log.deltaKeys(4)).toEqual(new Set());
  });

  it('knows nothing of versions that are still to come', () => {
    const history = new ConfigurationHistory();
    expect(history.log.deltaKeys(2)).toBeUndefined();
    expect(history.log.reaches(2)).toBe(false);
  });

  it('forgets the oldest versions beyond its limit', () => {
    const history = new ConfigurationHistory('e', { versions: 3 });
    for (const name of ['a', 'b', 'c', 'd']) history.putBackend(name);
    expect(history.log.deltaKeys(1)).toBeUndefined();
    expect(history.log.deltaKeys(2)).toEqual(new Set(['backend/b', 'backend/c', 'backend/d']));
  });

  it('forgets the oldest versions when they changed too many keys', () => {
    const history = new ConfigurationHistory('e', { keys: 5 });
    history.addSite('a', 2);
    history.putBackend('b');
    expect(history.log.deltaKeys(1)).toEqual(expect.any(Set));
    history.putBackend('c');
    expect(history.log.deltaKeys(1)).toBeUndefined();
    expect(history.log.deltaKeys(2)).toEqual(new Set(['backend/b', 'backend/c']));
  });

  it('keeps nothing of one change that is above the limit by itself', () => {
    const history = new ConfigurationHistory('e', { keys: 3 });
    history.addSite('a', 10);
    expect(history.log.deltaKeys(1)).toBeUndefined();
    expect(history.log.deltaKeys(2)).toEqual(new Set());
  });

  it('refuses a version that does not follow, or another epoch', () => {
    const history = new ConfigurationHistory();
    const old = history.newest;
    history.putBackend('a');
    const changed = new Set<never>();
    expect(() => history.log.publish({ snapshot: old, changed })).toThrow(RangeError);
    const foreign = { ...history.newest, id: { epoch: 'other', version: 9 } };
    expect(() => history.log.publish({ snapshot: foreign, changed })).toThrow(RangeError);
  });

  describe('filled from the store', () => {
    const history = new ConfigurationHistory();
    for (const name of ['a', 'b', 'c']) history.addSite(name);
    const snapshot = initialSnapshot(history.intent);

    it('knows what was changed before the control plane was started', async () => {
      const commitsSince = async (version: number) => history.commits.filter((commit) => commit.version > version);
      const log = await SnapshotLog.fromStore(storeOf(commitsSince), snapshot);
      for (const from of [1, 2, 3, 4]) expect(log.deltaKeys(from)).toEqual(history.log.deltaKeys(from));
    });

    it('leaves out commits that are newer than the snapshot', async () => {
      const later = new ConfigurationHistory();
      later.putBackend('a');
      const first = initialSnapshot(later.intent);
      later.putBackend('b');
      const log = await SnapshotLog.fromStore(
        storeOf(async () => later.commits),
        first,
      );
      expect(log.deltaKeys(1)).toEqual(new Set(['backend/a']));
    });

    it('reaches back as far as the store tells', async () => {
      const commitsSince = async () => history.commits.slice(-1);
      const log = await SnapshotLog.fromStore(storeOf(commitsSince), snapshot);
      expect(log.deltaKeys(2)).toBeUndefined();
      for (const from of [3, 4]) expect(log.deltaKeys(from)).toEqual(history.log.deltaKeys(from));
      const none = await SnapshotLog.fromStore(
        storeOf(async () => []),
        snapshot,
      );
      expect([none.deltaKeys(3), none.deltaKeys(4)]).toEqual([undefined, new Set()]);
    });

    it('starts with nothing when the store no longer knows', async () => {
      const log = await SnapshotLog.fromStore(
        storeOf(async () => undefined),
        snapshot,
      );
      expect(log.deltaKeys(3)).toBeUndefined();
      expect(log.deltaKeys(4)).toEqual(new Set());
    });

    it('joins what membership changed between', async () => {
      const later = new ConfigurationHistory();
      for (const name of ['a', 'b']) later.addSite(name);
      const newest = { ...initialSnapshot(later.intent), id: { epoch: 'epoch-1', version: 5 } };
      const steps = [
        { version: 4, objects: [{ kind: 'member' as const, name: 'a/10.0.0.9:80' }] },
        { version: 5, objects: [{ kind: 'shelved' as const, name: 'posted' }] },
      ];
      const commitsSince = async (version: number) => later.commits.filter((commit) => commit.version > version);
      const log = await SnapshotLog.fromStore(storeOf(commitsSince, { steps, newest: 3 }), newest);
      expect(log.deltaKeys(3)).toEqual(new Set(['server/a/10.0.0.9:80']));
      expect(log.deltaKeys(4)).toEqual(new Set());
      expect(log.deltaKeys(2)).toContain('host/b.example');
    });

    it('does not reach beyond steps of membership that are no longer kept, nor takes silence for a lack of change', async () => {
      const newest = { ...snapshot, id: { epoch: 'epoch-1', version: 9 } };
      const steps = [8, 9].map((version) => ({ version, objects: [{ kind: 'host' as const, name: `h${version}` }] }));
      const quiet = await SnapshotLog.fromStore(
        storeOf(async () => [], { steps, from: 7, newest: 1 }),
        newest,
      );
      expect([quiet.deltaKeys(6), quiet.deltaKeys(8)]).toEqual([undefined, new Set(['host/h9'])]);
      const large = await SnapshotLog.fromStore(
        storeOf(async () => [], { steps, from: 7, newest: 9 }),
        newest,
      );
      expect(large.deltaKeys(8)).toBeUndefined();
    });
  });
});
