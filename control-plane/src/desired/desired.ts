import { LatestValue, type ReadableValue } from '@headgate/shared/latest-value';
import type { Logger } from '@headgate/shared/logger';
import type { Intent } from '../intent/intent.ts';
import type { BackendEntry, IntentState } from '../intent/intent-state.ts';
import { backendsOf } from '../intent/apply-commit.ts';
import { splitServerName } from '../intent/server-name.ts';
import type { MembershipState } from '../membership/membership-state.ts';
import type { MembershipCommit, MembershipStep, OwnedKind } from '../store/store.ts';
import { mergeBackend, mergeHost, type Wishes } from './merge-backend.ts';

/** An object that may differ after a change; `override` and `member` are told with their server. */
export interface TouchedObject {
  readonly kind: 'backend' | 'server' | 'host' | 'override';
  readonly name: string;
}

/** A version and what it may have changed about what is desired. */
export interface DesiredChange {
  readonly version: number;
  readonly objects: readonly TouchedObject[];
}

export type DesiredListener = (change: DesiredChange, state: IntentState) => void;

export interface DesiredOptions {
  readonly intent: Pick<Intent, 'state' | 'onCommit'>;
  readonly membership: {
    readonly state: ReadableValue<MembershipState>;
    onCommit(listener: (commit: MembershipCommit) => void): () => void;
  };
  readonly logger: Logger;
}

/**
 * What is to be served: operators' intent, the document layers and the members in one state, which grows by each commit of
 * either, in the order of versions, at the cost of the change.
 */
export class Desired {
  readonly #state: LatestValue<IntentState>;
  readonly #listeners = new Set<DesiredListener>();
  readonly #options: DesiredOptions;
  #stops: readonly (() => void)[] = [];

  constructor(options: DesiredOptions) {
    this.#options = options;
    this.#state = new LatestValue(mergeAll(this.#wishes()));
  }

  /** Follows both from now on, after whoever follows them already. Nothing may have changed since it was made. */
  start(): void {
    const { intent, membership } = this.#options;
    this.#stops = [
      intent.onCommit((commit) => this.#advance(commit.version, commit.objects)),
      membership.onCommit((commit) => this.#advance(commit.version, commit.objects.flatMap(touchedBy))),
    ];
  }

  get state(): ReadableValue<IntentState> {
    return this.#state;
  }

  /** Calls back for every version from now on, in order, with the state that it has led to. Returns how to stop. */
  onCommit(listener: DesiredListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #wishes(): Wishes {
    return { intent: this.#options.intent.state.value, membership: this.#options.membership.state.value };
  }

  #advance(version: number, written: readonly TouchedObject[]): void {
    const before = this.#state.value;
    const after = { ...mergeTouched(before, this.#wishes(), written), version };
    this.#state.set(after);
    const change = { version, objects: [...written, ...ofMovedBackends(written, before, after)] };
    for (const listener of [...this.#listeners]) this.#show(listener, change, after);
  }

  /** A listener that throws is a bug of its room, and must not hide the version from the others. */
  #show(listener: DesiredListener, change: DesiredChange, state: IntentState): void {
    try {
      listener(change, state);
    } catch (error) {
      this.#options.logger.error({ err: error, version: change.version }, 'A version could not be followed');
    }
  }
}

/** What an object that somebody brought is part of; nothing for what is only kept. */
export function touchedBy({ kind, name }: { readonly kind: OwnedKind; readonly name: string }): TouchedObject[] {
  if (kind === 'shelved') return [];
  return [{ kind: kind === 'member' ? 'server' : kind, name }];
}

/** The objects of a step as `DesiredChange` names them. */
export function touchedByStep({ objects }: Pick<MembershipStep, 'objects'>): readonly TouchedObject[] {
  return objects.flatMap(touchedBy);
}

/** Everything, when the control plane starts. */
function mergeAll(wishes: Wishes): IntentState {
  const { intent, membership } = wishes;
  const layers = Object.values(membership.layers);
  const written: TouchedObject[] = [
    ...[...membership.members.keys()].map((name) => ({ kind: 'backend', name }) as const),
    ...layers.flatMap(({ backends }) => [...backends.keys()].map((name) => ({ kind: 'backend', name }) as const)),
    ...layers.flatMap(({ hosts }) => [...hosts.keys()].map((name) => ({ kind: 'host', name }) as const)),
  ];
  return mergeTouched(intent, wishes, written);
}

function mergeTouched(before: IntentState, wishes: Wishes, written: readonly TouchedObject[]): IntentState {
  const { epoch, revision, looseOverrides } = wishes.intent;
  const hosts = mergeHosts(before, wishes, written);
  const backends = before.backends.edit();
  for (const name of backendsTouched(written, before, hosts)) {
    const entry = mergeBackend(name, wishes);
    if (entry === undefined) backends.delete(name);
    else backends.set(name, entry);
  }
  return { epoch, revision, version: before.version, backends: backends.done(), hosts, looseOverrides };
}

function mergeHosts(before: IntentState, wishes: Wishes, written: readonly TouchedObject[]): IntentState['hosts'] {
  const touched = written.filter(({ kind }) => kind === 'host');
  if (touched.length === 0) return before.hosts;
  const hosts = before.hosts.edit();
  for (const { name } of touched) {
    const host = mergeHost(name, wishes);
    if (host === undefined) hosts.delete(name);
    else hosts.set(name, host);
  }
  return hosts.done();
}

/** Those that are written, whose servers are, and that hosts name or named: an entry knows how many hosts use it. */
function backendsTouched(
  written: readonly TouchedObject[],
  before: IntentState,
  hosts: IntentState['hosts'],
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { kind, name } of written) {
    if (kind === 'backend') names.add(name);
    else if (kind !== 'host') names.add(splitServerName(name).backend);
    else {
      for (const backend of backendsOf(before.hosts.get(name)?.document)) names.add(backend);
      for (const backend of backendsOf(hosts.get(name)?.document)) names.add(backend);
    }
  }
  return names;
}

/** The servers of backends that have come, gone, or passed to another layer, as far as nobody wrote them. */
function ofMovedBackends(
  written: readonly TouchedObject[],
  before: IntentState,
  after: IntentState,
): readonly TouchedObject[] {
  const moved: TouchedObject[] = [];
  const known = new Set(written.filter(({ kind }) => kind === 'server').map(({ name }) => name));
  for (const { kind, name: backend } of written) {
    const [old, next] = [before.backends.get(backend), after.backends.get(backend)];
    if (kind !== 'backend' || ownerOf(old) === ownerOf(next)) continue;
    for (const endpoint of new Set([...(old?.servers.keys() ?? []), ...(next?.servers.keys() ?? [])])) {
      const name = `${backend}/${endpoint}`;
      if (!known.has(name)) moved.push({ kind: 'server', name });
    }
  }
  return moved;
}

function ownerOf(entry: BackendEntry | undefined): string | undefined {
  return entry === undefined ? undefined : (entry.layer ?? 'operator');
}
