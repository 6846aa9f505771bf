import { ConnectResponse, type SnapshotUpdate } from '@headgate/proto/generated/headgate/v1/control_plane';
import { ConfigurationHistory } from '../snapshot/configuration-history.cases.ts';
import { UpdateCache, type UpdateLease } from './update-cache.ts';

function read(lease: UpdateLease): SnapshotUpdate {
  const response = ConnectResponse.decode(lease.chunk(0)!);
  if (response.message?.$case !== 'update') throw new Error('no update');
  return response.message.value;
}

describe('the update cache', () => {
  let history: ConfigurationHistory;
  let cache: UpdateCache;
  beforeEach(() => {
    history = new ConfigurationHistory('e', { versions: 3 });
    cache = new UpdateCache(history.log);
  });

  it('encodes an update once for all streams that send it', () => {
    history.addSite('web');
    history.putServer('web', 9_000);
    const [first, second] = [cache.lease(2), cache.lease(2)];
    expect(first.chunk(0)).toBe(second.chunk(0));
    expect(first.chunk(1)).toBeUndefined();
  });

  it('keeps it until the last of them has sent it', () => {
    history.addSite('web');
    const [first, second] = [cache.lease(0), cache.lease(0)];
    first.release();
    first.release();
    expect(cache.size).toBe(1);
    second.release();
    expect(cache.size).toBe(0);
  });

  it('makes a delta of what has changed since, with what was removed', () => {
    history.addSite('web');
    history.addSite('api');
    history.deleteHost('web.example');
    history.putServer('api', 8_001, 5);
    const update = read(cache.lease(3));
    expect(update).toMatchObject({ epoch: 'e', version: 5, baseVersion: 3 });
    expect(update.upserts).toHaveLength(1);
    expect(update.removals.map(({ name }) => name)).toEqual(['web.example']);
    expect(update.digest).toEqual(history.newest.digest.toBytes());
  });

  it('sends everything from a version that is too old, or from none, in one and the same update', () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) history.addSite(name);
    const [old, none] = [cache.lease(2), cache.lease(0)];
    expect(old.baseVersion).toBe(0);
    expect(old.chunk(0)).toBe(none.chunk(0));
    expect(read(none).upserts).toHaveLength(history.newest.objects.size);
  });

  it('sends everything when that is less than what has changed', () => {
    history.addSite('web', 5);
    history.deleteHost('web.example');
    history.deleteBackend('web');
    history.putBackend('left');
    const lease = cache.lease(2);
    expect(lease.baseVersion).toBe(0);
    expect(read(lease).upserts).toHaveLength(1);
  });

  it('goes on with the update that was begun when a newer snapshot comes', () => {
    history.addSite('web');
    const lease = cache.lease(0);
    history.deleteHost('web.example');
    expect(lease.id.version).toBe(2);
    expect(read(lease).upserts).toHaveLength(4);
    expect(cache.lease(0).id.version).toBe(3);
  });
});
