import { ConfigurationHistory } from './configuration-history.cases.ts';
import { initialSnapshot } from './initial-snapshot.ts';
import { SnapshotLog } from './snapshot-log.ts';

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
      const log = await SnapshotLog.fromStore({ commitsSince }, snapshot);
      for (const from of [1, 2, 3, 4]) expect(log.deltaKeys(from)).toEqual(history.log.deltaKeys(from));
    });

    it('leaves out commits that are newer than the snapshot', async () => {
      const later = new ConfigurationHistory();
      later.putBackend('a');
      const first = initialSnapshot(later.intent);
      later.putBackend('b');
      const log = await SnapshotLog.fromStore({ commitsSince: async () => later.commits }, first);
      expect(log.deltaKeys(1)).toEqual(new Set(['backend/a']));
    });

    it('reaches back as far as the store tells', async () => {
      const commitsSince = async () => history.commits.slice(-1);
      const log = await SnapshotLog.fromStore({ commitsSince }, snapshot);
      expect(log.deltaKeys(2)).toBeUndefined();
      for (const from of [3, 4]) expect(log.deltaKeys(from)).toEqual(history.log.deltaKeys(from));
      const none = await SnapshotLog.fromStore({ commitsSince: async () => [] }, snapshot);
      expect([none.deltaKeys(3), none.deltaKeys(4)]).toEqual([undefined, new Set()]);
    });

    it('starts with nothing when the store no longer knows', async () => {
      const log = await SnapshotLog.fromStore({ commitsSince: async () => undefined }, snapshot);
      expect(log.deltaKeys(3)).toBeUndefined();
      expect(log.deltaKeys(4)).toEqual(new Set());
    });
  });
});
