import type { ShardedMap } from '@headgate/shared/sharded-map';
import { sameDocument } from '../intent/same-document.ts';
import { splitServerName } from '../intent/server-name.ts';
import type { OwnedChange } from '../store/store.ts';
import type { BackendMembers } from './membership-state.ts';
import type { Member, MemberChange } from './membership-writer.ts';

type ByBackend = ReadonlyMap<string, ReadonlyMap<string, Member>>;

const nobody: ReadonlyMap<string, ReadonlyMap<string, Member>> = new Map();

/** Who brings which servers: by owner, then by backend and `address:port`. */
export class MemberIndex {
  readonly #owners = new Map<string, ByBackend>();

  static of(members: ShardedMap<BackendMembers>): MemberIndex {
    const index = new MemberIndex();
    index.apply([...objectsOf(members)]);
    return index;
  }

  of(owner: string): ReadonlyMap<string, ReadonlyMap<string, Member>> {
    return this.#owners.get(owner) ?? nobody;
  }

  /** What turns the members of now into those that are wanted; of several wishes for one member the last counts. */
  plan(
    wishes: Iterable<{ readonly owner: string; readonly changes: readonly MemberChange[] }>,
  ): readonly OwnedChange[] {
    const wanted = new Map<string, { readonly owner: string; readonly change: MemberChange }>();
    for (const { owner, changes } of wishes) {
      for (const change of changes) wanted.set(`${owner}/${change.backend}/${change.endpoint}`, { owner, change });
    }
    const objects: OwnedChange[] = [];
    for (const { owner, change } of wanted.values()) {
      const { backend, endpoint, member } = change;
      const before = this.of(owner).get(backend)?.get(endpoint);
      // When it came is what is known of it already: it has not come again.
      const after = member === undefined || before === undefined ? member : { ...member, since: before.since };
      if (sameDocument(before, after)) continue;
      objects.push({ owner, kind: 'member', name: `${backend}/${endpoint}`, before, after });
    }
    return objects;
  }

  /** What was given out before stays as it was. */
  apply(objects: readonly OwnedChange[]): void {
    const members = objects.filter(({ kind }) => kind === 'member');
    for (const [owner, own] of Map.groupBy(members, (object) => object.owner)) {
      const backends = new Map(this.#owners.get(owner));
      for (const [backend, changes] of Map.groupBy(own, ({ name }) => splitServerName(name).backend)) {
        const after = new Map(backends.get(backend));
        for (const { name, after: member } of changes) {
          const { endpoint } = splitServerName(name);
          if (member === undefined) after.delete(endpoint);
          else after.set(endpoint, member as Member);
        }
        if (after.size === 0) backends.delete(backend);
        else backends.set(backend, after);
      }
      this.#owners.set(owner, backends);
    }
  }

  /** Who brings anything, or has. */
  owners(): Iterable<string> {
    return this.#owners.keys();
  }
}

function* objectsOf(members: ShardedMap<BackendMembers>): Generator<OwnedChange> {
  for (const [backend, endpoints] of members.entries()) {
    for (const [endpoint, owners] of endpoints) {
      for (const [owner, after] of owners) yield { owner, kind: 'member', name: `${backend}/${endpoint}`, after };
    }
  }
}
