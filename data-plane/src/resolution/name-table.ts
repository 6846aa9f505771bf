import { isIPv6, type LookupFunction } from 'node:net';
import { UnresolvedNameError } from './unresolved-name-error.ts';

/** What was found out about a name: its addresses, or why it has none. */
export interface KnownName {
  readonly name: string;
  /** Canonical. Empty when it never had one. */
  readonly addresses: readonly string[];
  /** Why it has none; "" when it has. */
  readonly failure: string;
}

interface Entry {
  addresses: readonly string[];
  failure: string;
  /** Which address is next. */
  turn: number;
  /** Connections that are made to it before anything was found out. */
  readonly waiting: Waiting[];
}

type Lookup = Parameters<LookupFunction>;
type Waiting = Pick<{ readonly options: Lookup[1]; readonly callback: Lookup[2] }, 'options' | 'callback'>;

/** What those who connect to servers need of it. */
export type ServerNames = Pick<NameTable, 'lookup' | 'isCurrent' | 'onChange'>;

/** A connection tries so many addresses, one after the other, until one answers. */
const MAX_TRIED = 4;

/**
 * The addresses of the names of servers, as they were found out last.
 *
 * 1. `expect`: the name is one of a server from now on. Connections to it wait until something was found out, within
 *    their own connect timeout.
 * 2. `set`: these are its addresses. Each connection begins with the one after that of the connection before.
 * 3. `fail`: nothing could be found out. What was known before stays; where nothing was, connections fail at once.
 * 4. `forget`: it is no name of a server any more.
 */
export class NameTable {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(known: KnownName) => void>();

  /** Names of servers. */
  get size(): number {
    return this.#entries.size;
  }

  /** Those of which something was found out. */
  *known(): Generator<KnownName, void> {
    for (const [name, { addresses, failure }] of this.#entries) {
      if (addresses.length > 0 || failure !== '') yield { name, addresses, failure };
    }
  }

  expect(name: string): void {
    if (!this.#entries.has(name)) this.#entries.set(name, { addresses: [], failure: '', turn: 0, waiting: [] });
  }

  set(name: string, addresses: readonly string[]): void {
    const entry = this.#entries.get(name);
    if (entry === undefined || addresses.length === 0) return;
    const alternating = alternateFamilies(addresses);
    if (isSame(alternating, entry.addresses)) return;
    entry.addresses = alternating;
    entry.failure = '';
    this.#settle(name, entry);
  }

  fail(name: string, reason: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined || entry.addresses.length > 0 || entry.failure === reason) return;
    entry.failure = reason;
    this.#settle(name, entry);
  }

  forget(name: string): void {
    const entry = this.#entries.get(name);
    this.#entries.delete(name);
    for (const waiting of entry?.waiting.splice(0) ?? []) this.lookup(name, waiting.options, waiting.callback);
  }

  /** Somebody else has found it out. */
  note({ name, addresses, failure }: KnownName): void {
    if (addresses.length > 0) this.set(name, addresses);
    else this.fail(name, failure);
  }

  /** Calls back when what is known of a name has changed. Returns how to stop. */
  onChange(listener: (known: KnownName) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether an address is one of the name's. */
  isCurrent(name: string, address: string | undefined): boolean {
    return address !== undefined && this.#entries.get(name)?.addresses.includes(address) === true;
  }

  /** For `net.connect`: nobody is asked. Node tries the addresses in this order. */
  readonly lookup: LookupFunction = (name, options, callback) => {
    const entry = this.#entries.get(name);
    if (entry !== undefined && entry.addresses.length === 0 && entry.failure === '') {
      entry.waiting.push({ options, callback });
      return;
    }
    const addresses = entry === undefined || entry.addresses.length === 0 ? [] : nextAddresses(entry);
    const [first] = addresses;
    if (first === undefined) callback(new UnresolvedNameError(name, entry?.failure ?? 'no server has it'), []);
    else if (options.all === true) callback(null, addresses.map(withFamily));
    else callback(null, first, familyOf(first));
  };

  #settle(name: string, entry: Entry): void {
    for (const { options, callback } of entry.waiting.splice(0)) this.lookup(name, options, callback);
    const { addresses, failure } = entry;
    for (const listener of this.#listeners) listener({ name, addresses, failure });
  }
}

function nextAddresses(entry: Entry): readonly string[] {
  const { addresses } = entry;
  const first = entry.turn % addresses.length;
  entry.turn = first + 1;
  return Array.from(
    { length: Math.min(MAX_TRIED, addresses.length) },
    (_, index) => addresses[(first + index) % addresses.length]!,
  );
}

/** So that those who try a few in a row try both families: one of them may have no way out of this machine. */
function alternateFamilies(addresses: readonly string[]): readonly string[] {
  const six = addresses.filter(isIPv6);
  const four = addresses.filter((address) => !isIPv6(address));
  const longest = Math.max(four.length, six.length);
  return Array.from({ length: longest }, (_, index) => [
    ...four.slice(index, index + 1),
    ...six.slice(index, index + 1),
  ]).flat();
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((address, index) => address === others[index]);
}

function withFamily(address: string): { readonly address: string; readonly family: number } {
  return { address, family: familyOf(address) };
}

function familyOf(address: string): 4 | 6 {
  return isIPv6(address) ? 6 : 4;
}
