import { ConfigurationHistory } from '@headgate/control-plane/snapshot/configuration-history.cases';
import { randomChange } from '@headgate/control-plane/snapshot/random-change.cases';
import { UpdateCache } from '@headgate/control-plane/stream/update-cache';
import type { ServingTable } from '@headgate/data-plane/routing/serving-table';
import { UpdateAssembly } from '@headgate/data-plane/sync/update-assembly';
import { ConnectResponse } from '@headgate/proto/generated/headgate/v1/control_plane';
import fc from 'fast-check';
import { LowerEnd } from './stream-link.ts';

/** Sends an update from a version, 0 for everything, as the bytes that go over the wire. */
async function send(history: ConfigurationHistory, from: number, to: LowerEnd): Promise<'full' | 'delta'> {
  const lease = new UpdateCache(history.log).lease(from);
  const assembly = new UpdateAssembly();
  for (let index = 0; ; index++) {
    const { message } = ConnectResponse.decode(lease.chunk(index)!);
    if (message?.$case !== 'update') throw new Error('no update');
    const update = assembly.add(message.value);
    if (update === undefined) continue;
    expect(await to.keeper.apply(update)).toEqual({ ok: true });
    return update.baseVersion === 0 ? 'full' : 'delta';
  }
}

/** What a table means, whatever way it has come about. */
function meaningOf(table: ServingTable): unknown {
  return {
    id: table.id,
    hosts: [...table.hosts.hosts()].sort((a, b) => (a.pattern < b.pattern ? -1 : 1)),
    backends: [...table.backends.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { settings, candidates, usedBy }]) => {
        return { name, settings, usedBy, servers: candidates.map(({ server, weight }) => [server.key, weight]) };
      }),
  };
}

describe('a data plane that follows by deltas', () => {
  it('serves and holds what a full snapshot gives, digest included, after any changes', async () => {
    let deltas = 0;
    const steps = fc.array(fc.array(randomChange, { minLength: 0, maxLength: 6 }), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(steps, async (rounds) => {
        const history = new ConfigurationHistory('e');
        const follower = new LowerEnd({ ports: [] });
        await send(history, 0, follower);
        for (const changes of rounds) {
          for (const change of changes) change(history);
          if (history.version === follower.version) continue;
          if ((await send(history, follower.version, follower)) === 'delta') deltas++;
          const fresh = new LowerEnd({ ports: [] });
          expect(await send(history, 0, fresh)).toBe('full');
          expect(meaningOf(follower.serving.table.value)).toEqual(meaningOf(fresh.serving.table.value));
          const [held, whole] = [follower.keeper.kept.value.held, fresh.keeper.kept.value.held];
          expect(held.id).toEqual(history.newest.id);
          expect(held.digest.toBytes()).toEqual(history.newest.digest.toBytes());
          expect(new Map(held.objects.entries())).toEqual(new Map(whole.objects.entries()));
        }
      }),
      { numRuns: 200 },
    );
    expect(deltas).toBeGreaterThan(200);
  });
});
