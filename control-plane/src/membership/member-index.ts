import type { ShardedMap } from '@headgate/shared/sharded-map';
import { sameDocument } from '../intent/same-document.ts';
import { splitServerName } from '../intent/server-name.ts';
import type { OwnedChange } from '../store/store.ts';
import type { BackendMembers } from './membership-state.ts';
import type { Member, MemberChange } from './membership-writer.ts';

type ByBackend = Map<string, Map<string, Member>>;

const nobody: ReadonlyMap<string, ReadonlyMap<string, Member>> = new Map();

/** Who brings which servers: by owner, then by backend and `address:port`. */
export class MemberIndex {
  readonly #owners = new Map<string, ByBackend>();

  static of(members: ShardedMap<BackendMembers>): MemberIndex {
    const index = new MemberIndex();
    for (const [backend, endpoints] of members.entries()) {
      for (const [endpoint, owners] of endpoints) {
        for (const [owner, member] of owners) index.#set(owner, { backend, endpoint, member });
      }
    }
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

  apply(objects: readonly OwnedChange[]): void {
    for (const { owner, kind, name, after } of objects) {
      if (kind !== 'member') continue;
      this.#set(owner, { ...splitServerName(name), member: after as Member | undefined });
    }
  }

  #set(owner: string, { backend, endpoint, member }: MemberChange): void {
    const backends: ByBackend = this.#owners.get(owner) ?? new Map<string, Map<string, Member>>();
    const members = backends.get(backend) ?? new Map<string, Member>();
    if (member === undefined) members.delete(endpoint);
    else members.set(endpoint, member);
    if (members.size === 0) backends.delete(backend);
    else backends.set(backend, members);
    this.#owners.set(owner, backends);
  }
}
