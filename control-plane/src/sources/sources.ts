import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import type { SourceDocument } from '@headgate/shared/model/sources';
import type { Desired, DesiredChange } from '../desired/desired.ts';
import type { DocumentReader } from '../intent/document-reader.ts';
import type { IntentState } from '../intent/intent-state.ts';
import { sameDocument } from '../intent/same-document.ts';
import type { Membership } from '../membership/membership.ts';
import { layerNames, type LayerName } from '../membership/membership-state.ts';
import { countServers, FollowedDocument } from './followed-document.ts';
import { FollowedServers } from './followed-servers.ts';
import { SourceError, type DocumentSource, type DocumentSourceContext } from './source.ts';
import type { ServerSource, ServerSourceContext } from './source.ts';
import { startingStatus, type SourceStatus } from './source-status.ts';

export interface SourcesOptions {
  readonly desired: Pick<Desired, 'state' | 'onCommit'>;
  readonly membership: Membership;
  readonly documents: Pick<DocumentReader, 'configuration' | 'refusalsNow'>;
  /** The value of a secret; undefined when there is none. */
  readonly readSecret: (name: string) => Promise<Buffer | undefined>;
  readonly createServerSource: (document: SourceDocument, context: ServerSourceContext) => ServerSource;
  /** Where document layers come from; those without are left as they are. */
  readonly layers: Readonly<Partial<Record<LayerName, (context: DocumentSourceContext) => DocumentSource>>>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A source as it is shown. */
export interface ListedSource {
  /** `web/consul:0`, or the layer: `file`. */
  readonly name: string;
  readonly type: string;
  /** Whose servers it brings; undefined for a layer. */
  readonly backend: string | undefined;
  readonly status: SourceStatus;
  /** Of the layer `posted`: whether the next start takes it back. */
  readonly unsaved?: boolean;
}

interface Followed {
  readonly document: SourceDocument;
  readonly servers: FollowedServers;
}

/** What a source of members is called: its type, and which one of that type it is among its backend's. */
const OWNER = /^[a-z]+:\d+$/;

/**
 * Every source there is: those of backends come and go with what their backends say, whoever wrote it, those of layers stay
 * as long as the process. A source whose description changes is followed anew, and what the old one brought holds until the
 * new one has been read; one that is gone takes its servers along.
 */
export class Sources {
  readonly #options: SourcesOptions;
  /** By backend, then by owner. */
  readonly #followed = new Map<string, Map<string, Followed>>();
  readonly #layers = new Map<LayerName, FollowedDocument>();
  /** What is being ended. */
  readonly #ending = new Set<Promise<void>>();
  #startedAt = 0;
  #stop: (() => void) | undefined;

  constructor(options: SourcesOptions) {
    this.#options = options;
  }

  start(): void {
    const { desired, layers, clock } = this.#options;
    this.#startedAt = clock.now();
    this.#stop = desired.onCommit((change, state) => this.#reconcile(backendsOf(change), state));
    const state = desired.state.value;
    this.#reconcile(state.backends.keys(), state);
    this.#dropOrphans();
    for (const layer of layerNames) {
      const create = layers[layer];
      if (create === undefined) continue;
      const followed = new FollowedDocument({ ...this.#options, layer, create });
      this.#layers.set(layer, followed);
      followed.start();
    }
  }

  async close(): Promise<void> {
    this.#stop?.();
    const followed = [...this.#followed.values()].flatMap((own) => [...own.values()]);
    await Promise.all([
      ...followed.map(({ servers }) => servers.close()),
      ...[...this.#layers.values()].map((layer) => layer.close()),
    ]);
    await Promise.all(this.#ending);
  }

  /** Layers first, then by backend and owner. */
  list(): readonly ListedSource[] {
    const layers = [...this.#layers].map(([name, { status }]) => ({ name, type: name, backend: undefined, status }));
    const servers = [...this.#followed].flatMap(([backend, own]) =>
      [...own].map(([owner, { document, servers: followed }]) => {
        return { name: `${backend}/${owner}`, type: document.type, backend, status: followed.status };
      }),
    );
    return [...layers, ...this.#posted(), ...servers.sort((a, b) => (a.name < b.name ? -1 : 1))];
  }

  /** What callers have posted is a layer without a source of its own: it is as current as it can be. */
  #posted(): readonly ListedSource[] {
    const { layers, shelved } = this.#options.membership.state.value;
    const entries = countServers(layers.posted);
    if (layers.posted.backends.size + layers.posted.hosts.size === 0 && shelved === undefined) return [];
    const status = { ...startingStatus(this.#startedAt, entries), state: 'current' } as const;
    return [{ name: 'posted', type: 'posted', backend: undefined, status, unsaved: shelved !== undefined }];
  }

  /** The source of a layer; undefined when it has none. */
  layer(name: string): Pick<FollowedDocument, 'status' | 'allow'> | undefined {
    return this.#layers.get(name as LayerName);
  }

  #reconcile(names: Iterable<string>, { backends }: IntentState): void {
    for (const name of names) this.#follow(name, namedSources(backends.get(name)?.document.sources ?? []));
  }

  #follow(backend: string, wanted: ReadonlyMap<string, SourceDocument>): void {
    const present = this.#followed.get(backend) ?? new Map<string, Followed>();
    for (const [owner, { document, servers }] of present) {
      const next = wanted.get(owner);
      if (sameDocument(document, next)) continue;
      present.delete(owner);
      this.#end(servers, { leave: next === undefined });
    }
    for (const [owner, document] of wanted) {
      if (present.has(owner)) continue;
      const servers = this.#create(backend, owner, document);
      present.set(owner, { document, servers });
      servers.start();
    }
    if (present.size === 0) this.#followed.delete(backend);
    else this.#followed.set(backend, present);
  }

  #create(backend: string, owner: string, document: SourceDocument): FollowedServers {
    const { membership, documents, readSecret, createServerSource, clock, logger } = this.#options;
    return new FollowedServers({
      backend,
      owner,
      writer: membership,
      documents,
      clock,
      logger,
      secret: async (name) => {
        const value = await readSecret(name);
        if (value === undefined) throw new SourceError(`there is no secret ${name}`);
        return value;
      },
      create: (context) => createServerSource(document, context),
    });
  }

  #end(servers: FollowedServers, { leave }: { readonly leave: boolean }): void {
    const ended = servers
      .close()
      .then(() => (leave ? servers.leave() : undefined))
      .catch((error: unknown) => this.#options.logger.error({ err: error }, 'a source could not be ended'))
      .finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }

  /** What sources brought that are described no more: the process had ended before they could take it along. */
  #dropOrphans(): void {
    const { membership, logger } = this.#options;
    for (const owner of membership.owners()) {
      if (!OWNER.test(owner)) continue;
      for (const [backend, members] of membership.membersOf(owner)) {
        if (this.#followed.get(backend)?.has(owner) === true) continue;
        const changes = [...members.keys()].map((endpoint) => ({ backend, endpoint, member: undefined }));
        membership
          .write(owner, changes)
          .catch((error: unknown) => logger.error({ err: error, backend }, 'servers of a former source stay'));
      }
    }
  }
}

function backendsOf({ objects }: DesiredChange): ReadonlySet<string> {
  return new Set(objects.filter(({ kind }) => kind === 'backend').map(({ name }) => name));
}

/** `consul:0`, `consul:1`, `dns:0`: what stays where it is keeps its name when others come or go behind it. */
function namedSources(sources: readonly SourceDocument[]): ReadonlyMap<string, SourceDocument> {
  const counts = new Map<string, number>();
  const named = new Map<string, SourceDocument>();
  for (const source of sources) {
    const number = counts.get(source.type) ?? 0;
    counts.set(source.type, number + 1);
    named.set(`${source.type}:${number}`, source);
  }
  return named;
}
