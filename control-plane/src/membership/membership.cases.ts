import { isDeepStrictEqual } from 'node:util';
import type { Member, MemberChange, MembershipWriter } from './membership-writer.ts';

/** Members in memory. A write takes effect when it is durable, which tests can put off or let fail. */
export class MemoryMembership implements MembershipWriter {
  readonly #byOwner = new Map<string, Map<string, Map<string, Member>>>();
  readonly #held: (() => void)[] = [];
  #failure: Error | undefined;
  #holding = false;
  /** Writes that changed something. */
  writes = 0;
  /** Writes that were asked for. */
  asked = 0;

  async write(owner: string, changes: readonly MemberChange[]): Promise<void> {
    this.asked++;
    if (this.#holding) await new Promise<void>((resolve) => this.#held.push(resolve));
    await Promise.resolve();
    if (this.#failure !== undefined) throw this.#failure;
    const changed = changes.filter((change) => this.#apply(owner, change));
    if (changed.length > 0) this.writes++;
  }

  membersOf(owner: string): ReadonlyMap<string, ReadonlyMap<string, Member>> {
    return this.#byOwner.get(owner) ?? new Map<string, never>();
  }

  /** Writes that come fail from now on; undefined: they succeed. */
  fail(error: Error | undefined): void {
    this.#failure = error;
  }

  /** Writes that come are not durable before `release`. */
  hold(): void {
    this.#holding = true;
  }

  release(): void {
    this.#holding = false;
    for (const resolve of this.#held.splice(0)) resolve();
  }

  /** Takes everything of a backend away, as its deletion does. */
  drop(owner: string, backend: string): void {
    this.#byOwner.get(owner)?.delete(backend);
  }

  #apply(owner: string, { backend, endpoint, member }: MemberChange): boolean {
    const backends = this.#byOwner.get(owner) ?? new Map<string, Map<string, Member>>();
    this.#byOwner.set(owner, backends);
    const members = backends.get(backend) ?? new Map<string, Member>();
    if (isDeepStrictEqual(members.get(endpoint), member)) return false;
    if (member === undefined) members.delete(endpoint);
    else members.set(endpoint, member);
    if (members.size === 0) backends.delete(backend);
    else backends.set(backend, members);
    return true;
  }
}
