import type { Clock } from '@headgate/shared/clock';
import { HeadgateError } from '@headgate/shared/error';
import type { Logger } from '@headgate/shared/logger';
import type { ConfigurationDocument } from '@headgate/shared/model/configuration';
import type { Checked, Fault } from '@headgate/shared/model/fault';
import type { Desired } from '../desired/desired.ts';
import type { DocumentReader } from '../intent/document-reader.ts';
import type { Membership } from '../membership/membership.ts';
import type { LayerName, LayerState } from '../membership/membership-state.ts';
import { Coalescer } from './coalescer.ts';
import { joinTexts } from './join-texts.ts';
import type { DocumentSource, DocumentSourceContext, SourceError, SourceText } from './source.ts';
import { failedStatus, startingStatus, withStatus, type SourceStatus } from './source-status.ts';

const MOST_FAULTS = 20;
const RETRY_MS = 1_000;

export interface FollowedDocumentOptions {
  readonly layer: LayerName;
  readonly membership: Membership;
  readonly desired: Pick<Desired, 'state'>;
  readonly documents: Pick<DocumentReader, 'configuration'>;
  readonly create: (context: DocumentSourceContext) => DocumentSource;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Follows one source of whole configurations: what it delivers becomes its layer, whole or not at all. What is not valid,
 * clashes with others' names or looks like a mistake (the change guard) is held, shown, and tried again when the source
 * says anything; what the guard holds, an operator can allow.
 */
export class FollowedDocument {
  readonly #options: FollowedDocumentOptions;
  readonly #source: DocumentSource;
  readonly #changes: Coalescer;
  #wanted: readonly SourceText[] | undefined;
  /** What was applied last. */
  #applied: readonly SourceText[] | undefined;
  /** The document that an operator has allowed to pass the guard. */
  #allowed: readonly SourceText[] | undefined;
  #status: SourceStatus;
  #cancelRetry: (() => void) | undefined;
  #closed = false;

  constructor(options: FollowedDocumentOptions) {
    const { clock, logger, layer, membership } = options;
    this.#options = options;
    this.#status = startingStatus(clock.now(), countServers(membership.state.value.layers[layer]));
    this.#changes = new Coalescer({ clock, run: () => this.#apply() });
    this.#source = options.create({
      clock,
      logger: logger.child({ layer }),
      secret: () => Promise.reject(new Error('layers are configured by settings, not by secrets')),
      sink: { deliver: (wanted) => this.#deliver(wanted), failed: (error) => this.#failed(error) },
    });
  }

  get status(): SourceStatus {
    return this.#status;
  }

  start(): void {
    this.#source.start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    await this.#source.close();
    await this.#changes.close();
  }

  /**
   * Lets the document that is held now pass the change guard.
   *
   * @throws HeadgateError HEADGATE_NOT_HELD when none is, or the guard is not why
   */
  allow(): void {
    if (this.#status.state !== 'held' || !this.#status.faults.some(isOfGuard)) {
      throw new HeadgateError('HEADGATE_NOT_HELD', 'The change guard holds no document of this source');
    }
    this.#allowed = this.#wanted;
    this.#changes.request();
  }

  #deliver(wanted: readonly SourceText[]): void {
    if (this.#closed) return;
    const { clock, logger, layer } = this.#options;
    if (this.#status.state === 'stale') logger.info({ layer }, 'a source can be read again');
    const now = clock.now();
    const state = this.#status.faults.length > 0 ? 'held' : 'current';
    this.#status = withStatus(this.#status, now, { state, lastSuccess: now, error: state === 'held' ? heldError : '' });
    if (sameTexts(wanted, this.#applied) && state === 'current') return;
    this.#wanted = sameTexts(wanted, this.#wanted) ? this.#wanted : wanted;
    this.#changes.request();
  }

  #failed(error: SourceError): void {
    if (this.#closed) return;
    const { clock, logger, layer } = this.#options;
    if (this.#status.state !== 'stale') {
      logger.warn({ err: error, layer }, 'a source cannot be read: its last document stays');
    }
    this.#status = failedStatus(this.#status, clock.now(), error);
  }

  async #apply(): Promise<void> {
    const texts = this.#wanted;
    if (texts === undefined) return;
    const read = this.#read(texts);
    if (!read.ok) return this.#hold(read.faults);
    const { clock, membership, layer, desired } = this.#options;
    const force = texts === this.#allowed;
    try {
      const result = await membership.putLayer({ layer, document: read.value, desired: desired.state.value, force });
      this.#applied = texts;
      const lastChange = result.changed ? clock.now() : this.#status.lastChange;
      const entries = countServers(membership.state.value.layers[layer]);
      const change = { faults: [], entries, lastChange, ...this.#settled('current', '') };
      this.#status = withStatus(this.#status, clock.now(), change);
    } catch (error) {
      this.#refused(error);
    }
  }

  #read(texts: readonly SourceText[]): Checked<ConfigurationDocument> {
    const joined = joinTexts(texts);
    if (!joined.ok) return joined;
    const checked = this.#options.documents.configuration(joined.value.input);
    if (checked.ok) return checked;
    return { ok: false, faults: checked.faults.map((fault) => joined.value.locate(fault)) };
  }

  #refused(error: unknown): void {
    const { clock, logger, layer } = this.#options;
    if (error instanceof HeadgateError && error.faults.length > 0) return this.#hold(error.faults);
    logger.error({ err: error, layer }, 'what a source brings could not be made durable');
    this.#cancelRetry = clock.after(RETRY_MS, () => this.#changes.request());
  }

  #hold(faults: readonly Fault[]): void {
    const { clock, logger, layer } = this.#options;
    if (this.#status.faults.length === 0) logger.warn({ layer, faults: faults.slice(0, 3) }, 'a document is held');
    const change = { faults: faults.slice(0, MOST_FAULTS), ...this.#settled('held', heldError) };
    this.#status = withStatus(this.#status, clock.now(), change);
  }

  /** A source that was lost meanwhile stays so. */
  #settled(state: 'current' | 'held', error: string): Partial<SourceStatus> {
    return this.#status.state === 'stale' ? {} : { state, error };
  }
}

const heldError = 'the document is held, and the one before it holds: see the faults';

function isOfGuard({ code }: Fault): boolean {
  return code.startsWith('removes_most_') || code === 'empties_backend' || code === 'deactivates_backend';
}

function sameTexts(a: readonly SourceText[], b: readonly SourceText[] | undefined): boolean {
  if (a.length !== b?.length) return false;
  return a.every(({ name, text }, index) => name === b[index]!.name && text === b[index]!.text);
}

/** How many servers a layer has. */
export function countServers({ backends }: LayerState): number {
  let count = 0;
  for (const { servers } of backends.values()) count += servers.size;
  return count;
}
