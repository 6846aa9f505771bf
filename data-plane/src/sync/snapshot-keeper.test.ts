import { backend, host, server } from '../routing/snapshot-objects.cases.ts';
import type { Applied } from './snapshot-keeper.ts';
import type { MapApplier } from './sync-stage.cases.ts';
import { openKeeper, VersionedObjects } from './sync-stage.cases.ts';

function codesOf(applied: Applied): readonly string[] {
  return applied.ok ? [] : applied.faults.listed.map(({ code }) => code);
}

describe('the snapshot keeper', () => {
  let source: VersionedObjects;
  let applier: MapApplier;
  let keeper: ReturnType<typeof openKeeper>['keeper'];
  beforeEach(async () => {
    ({ keeper, applier } = openKeeper());
    source = new VersionedObjects('e');
    source.change({ put: [backend('web'), server('web', 1), host('a.example', 'web')] });
    expect(await keeper.apply(source.full())).toEqual({ ok: true });
  });

  it('holds and serves a full snapshot', () => {
    const { held } = keeper.kept.value;
    expect(held.id).toEqual({ epoch: 'e', version: 2 });
    expect(held.objects.size).toBe(3);
    expect(held.digest.toBytes()).toEqual(source.digest);
    expect(applier.keys).toEqual(source.keys);
  });

  it('applies a delta: what it changes, adds and removes, and no more', async () => {
    const put = [server('web', 2), server('web', 1, { weight: 7 }), backend('web')];
    await keeper.apply(source.change({ put, remove: ['host/a.example'] }));
    expect(applier.keys).toEqual(source.keys);
    expect(keeper.kept.value.held.digest.toBytes()).toEqual(source.digest);
    // The backend came again as it was.
    expect(applier.changes.at(-1)).toEqual({
      id: source.id,
      full: false,
      upserts: put.slice(0, 2),
      removals: ['host/a.example'],
    });
  });

  it('passes over the removal of what is not there', async () => {
    expect(await keeper.apply(source.change({ remove: ['host/never.example'] }))).toEqual({ ok: true });
    expect(applier.changes.at(-1)?.removals).toEqual([]);
  });

  it('moves on over a version that changes nothing', async () => {
    expect(await keeper.apply(source.change({}))).toEqual({ ok: true });
    expect(keeper.kept.value.held.id.version).toBe(3);
  });

  it('drops with a full snapshot what that does not contain', async () => {
    source.change({ remove: ['host/a.example'] });
    await keeper.apply(source.full());
    expect(applier.keys).toEqual(['backend/web', 'server/web/10.0.0.1:1']);
  });

  it('tells listeners of the step after the swap', async () => {
    const steps: unknown[] = [];
    keeper.onStep((step) => steps.push([step.from.version, step.held.id.version, applier.keys.length]));
    await keeper.apply(source.change({ put: [server('web', 2)] }));
    expect(steps).toEqual([[2, 3, 4]]);
  });

  describe('refuses and serves on', () => {
    let before: unknown;
    beforeEach(() => {
      before = keeper.kept.value;
    });

    async function expectRefusal(update: Parameters<typeof keeper.apply>[0], code: string): Promise<Applied> {
      const applied = await keeper.apply(update);
      expect(codesOf(applied)).toContain(code);
      expect(keeper.kept.value).toBe(before);
      expect(applier.keys).toHaveLength(3);
      return applied;
    }

    it('another digest', async () => {
      const update = source.change({ put: [server('web', 2)] });
      await expectRefusal({ ...update, digest: Buffer.alloc(16) }, 'digest_mismatch');
      await expectRefusal({ ...update, upserts: [] }, 'digest_mismatch');
      await expectRefusal({ ...update, digest: update.digest.subarray(0, 8) }, 'digest_mismatch');
    });

    it('a delta on another version', async () => {
      source.change({});
      await expectRefusal(source.change({ put: [server('web', 2)] }), 'base_unknown');
    });

    it('a delta on another epoch', async () => {
      await expectRefusal({ ...source.change({}), id: { epoch: 'f', version: 3 } }, 'base_unknown');
    });

    it('a delta that does not go on', async () => {
      await expectRefusal({ ...source.full(), baseVersion: 2 }, 'base_unknown');
    });

    it('an older version of its epoch', async () => {
      await expectRefusal({ ...source.full(), id: { epoch: 'e', version: 1 } }, 'version_went_back');
    });

    it('an empty snapshot of another epoch', async () => {
      await expectRefusal(new VersionedObjects('other', 900).full(), 'empty_epoch');
    });

    it('a feature that it does not know', async () => {
      const update = { ...source.change({}), requiredFeatures: ['time-travel'] };
      await expectRefusal(update, 'unknown_feature');
    });

    it('what is too large', async () => {
      await expectRefusal({ ...source.change({}), tooLarge: true }, 'too_large');
    });

    it('objects that it cannot decode, naming all of them', async () => {
      const update = source.change({ put: [server('web', 2)] });
      const bad = [
        { kind: 6, body: Buffer.from('secret') },
        { kind: 2, body: Buffer.from([255]) },
      ];
      const applied = await expectRefusal({ ...update, upserts: [...update.upserts, ...bad] }, 'unknown_kind');
      expect(codesOf(applied)).toEqual(['unknown_kind', 'undecodable']);
    });

    it('an object that is named twice', async () => {
      const update = source.change({ put: [server('web', 2)] });
      await expectRefusal({ ...update, upserts: [...update.upserts, ...update.upserts] }, 'duplicate_object');
      await expectRefusal({ ...update, removals: [{ kind: 2, name: 'web/10.0.0.1:2' }] }, 'duplicate_object');
      const full = source.full();
      await expectRefusal({ ...full, upserts: [...full.upserts, ...full.upserts.slice(0, 1)] }, 'duplicate_object');
    });

    it('a removal of a kind that it does not know', async () => {
      const update = source.change({});
      await expectRefusal({ ...update, removals: [{ kind: 6, name: 'x' }] }, 'unknown_kind');
    });

    it('what cannot be compiled, with every reason up to a hundred', async () => {
      const faults = Array.from({ length: 130 }, (_, n) => ({
        object: `host/${n}`,
        field: '',
        code: 'bad',
        reason: 'r',
      }));
      applier.faults = faults;
      const applied = await expectRefusal(source.change({ put: [server('web', 2)] }), 'bad');
      expect(applied).toMatchObject({ ok: false, faults: { total: 130 } });
      expect(codesOf(applied)).toHaveLength(100);
    });

    it('what makes the applier fail, without saying more than that', async () => {
      applier.gate = Promise.reject(new Error('inside'));
      const applied = await expectRefusal(source.change({ put: [server('web', 2)] }), 'internal');
      expect(JSON.stringify(applied)).not.toContain('inside');
    });

    it('and takes the next good one', async () => {
      applier.faults = [{ object: '', field: '', code: 'bad', reason: 'r' }];
      await keeper.apply(source.change({ put: [server('web', 2)] }));
      applier.faults = [];
      const full = source.full();
      expect(await keeper.apply(full)).toEqual({ ok: true });
      expect(applier.keys).toEqual(source.keys);
    });
  });

  describe('between epochs', () => {
    it('adopts another one that brings a configuration, and never the old one again', async () => {
      const other = new VersionedObjects('other');
      other.change({ put: [backend('new')] });
      expect(await keeper.apply(other.full())).toEqual({ ok: true });
      expect(keeper.kept.value).toMatchObject({ held: { id: { epoch: 'other', version: 2 } }, leftEpochs: ['e'] });
      source.change({ put: [server('web', 2)] });
      expect(codesOf(await keeper.apply(source.full()))).toEqual(['epoch_left']);
      expect(applier.keys).toEqual(['backend/new']);
    });

    it('adopts an empty one when it serves nothing', async () => {
      source.change({ remove: source.keys });
      await keeper.apply(source.full());
      expect(await keeper.apply(new VersionedObjects('other').full())).toEqual({ ok: true });
      expect(keeper.kept.value.held.id).toEqual({ epoch: 'other', version: 1 });
    });

    it('remembers the last sixteen that it has left', async () => {
      for (let n = 1; n <= 20; n++) {
        const next = new VersionedObjects(`e${n}`);
        next.change({ put: [backend('web')] });
        await keeper.apply(next.full());
      }
      const { leftEpochs } = keeper.kept.value;
      expect(leftEpochs).toHaveLength(16);
      expect(leftEpochs.at(-1)).toBe('e19');
    });

    it('takes the same version in full with other content: the control plane has encoded anew', async () => {
      const again = new VersionedObjects('e', 1);
      again.change({ put: [backend('web', { via: false })] });
      expect(await keeper.apply(again.full())).toEqual({ ok: true });
      expect(keeper.kept.value.held.digest.toBytes()).toEqual(again.digest);
    });
  });

  it('applies one update after the other', async () => {
    let open: () => void = () => undefined;
    applier.gate = new Promise((resolve) => (open = resolve));
    const updates = [source.change({ put: [server('web', 2)] }), source.change({ put: [server('web', 3)] })];
    const applied = updates.map((update) => keeper.apply(update));
    let idle = false;
    const waiting = keeper.idle().then(() => (idle = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(idle).toBe(false);
    open();
    expect(await Promise.all(applied)).toEqual([{ ok: true }, { ok: true }]);
    await waiting;
    expect(keeper.kept.value.held.id.version).toBe(4);
  });
});
