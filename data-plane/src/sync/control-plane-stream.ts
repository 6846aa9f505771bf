import type {
  ConnectResponse,
  Hello,
  LoadReport,
  Nack,
  Request,
  Response,
  SessionKeys,
  SnapshotUpdate,
  Welcome,
} from '@headgate/proto/generated/headgate/v1/control_plane';
import { every, type Clock } from '@headgate/shared/clock';
import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { SessionKeySet } from '../affinity/session-key.ts';
import { answerRequest, type Explain } from './answer-request.ts';
import { ClientWire, type ClientWireOptions } from './client-wire.ts';
import type { DeviationSource } from './deviation-source.ts';
import type { Faults } from './fault-list.ts';
import { HealthReporter } from './health-reporter.ts';
import { LoadReporter, type LoadSource } from './load-reporter.ts';
import { readSessionKeys } from './read-session-keys.ts';
import type { SnapshotKeeper } from './snapshot-keeper.ts';
import { ProtocolError, UpdateAssembly, type UpdateLimits } from './update-assembly.ts';

export interface ControlPlaneStreamOptions {
  readonly wire: ClientWireOptions;
  readonly hello: Hello;
  readonly keeper: SnapshotKeeper;
  readonly deviations: DeviationSource;
  /** What is in flight at servers; default nothing is told. */
  readonly load?: LoadSource | undefined;
  /** Where the keys of session cookies go; default nowhere. */
  readonly sessionKeys?: { set(keys: SessionKeySet): void } | undefined;
  /** Answers the control plane's questions about requests. */
  readonly explain: Explain;
  readonly clock: Clock;
  readonly limits: UpdateLimits;
  /** From the attempt to connect to Welcome. */
  readonly welcomeTimeoutMs: number;
}

/** What happens on a stream. */
export interface StreamListener {
  welcomed(welcome: Welcome): void;
  applied(id: SnapshotId, full: boolean): void;
  refused(id: SnapshotId, faults: Faults): void;
  /** Once, at the end. */
  ended(reason: string): void;
}

/** A data plane with nothing to tell is heard of this often. */
const LIVENESS_PERIOD_MS = 10_000;
const TEXT_CHARACTERS = 1_000;

/**
 * The data plane's side of one stream.
 *
 * 1. Hello goes out at once, with what is held. Welcome must come in time.
 * 2. Then the full set of deviations goes up, and their changes; what is in flight, if Welcome asks for it; and Liveness,
 *    so that the control plane can say when it has last heard of this data plane.
 * 3. Chunks are collected to an update; the keeper applies it; Ack or Nack goes up. Another update before that is a
 *    breach of the protocol.
 * 4. Ping is answered at once, also while an update is being applied.
 * 5. A Request is answered at once, too.
 * 6. Keys of session cookies hold at once, or as soon as the first snapshot of their store is served.
 * 7. Messages of a kind that this release does not know are passed over.
 */
export class ControlPlaneStream {
  readonly #options: ControlPlaneStreamOptions;
  readonly #listener: StreamListener;
  readonly #assembly: UpdateAssembly;
  readonly #wire: ClientWire;
  readonly #reporter: HealthReporter;
  /** Once it is asked for. */
  #loadReporter: LoadReporter | undefined;
  readonly #cancelWelcome: () => void;
  #stopLiveness: () => void = () => undefined;
  #welcomed = false;
  #applying = false;
  /** Of Welcome. */
  #epoch = '';
  /** Those that came and do not hold yet. */
  #sessionKeys: SessionKeySet | undefined;

  constructor(options: ControlPlaneStreamOptions, listener: StreamListener) {
    this.#options = options;
    this.#listener = listener;
    this.#assembly = new UpdateAssembly(options.limits);
    this.#wire = new ClientWire(options.wire, {
      message: (message) => this.#receive(message),
      closed: (reason) => this.#ended(reason),
    });
    const { deviations: source, clock, welcomeTimeoutMs } = options;
    this.#reporter = new HealthReporter({
      source,
      clock,
      send: (value) => this.#wire.send({ $case: 'health', value }),
    });
    this.#cancelWelcome = clock.after(welcomeTimeoutMs, () => this.close(`no welcome within ${welcomeTimeoutMs} ms`));
    void this.#wire.send({ $case: 'hello', value: options.hello });
  }

  /** Gives the stream up. */
  close(reason: string): void {
    this.#wire.close(reason);
  }

  #receive({ message }: ConnectResponse): void {
    try {
      switch (message?.$case) {
        case 'welcome':
          return this.#welcome(message.value);
        case 'update':
          return this.#update(message.value);
        case 'sessionKeys':
          return this.#receiveSessionKeys(message.value);
        case 'ping':
          return void this.#wire.send({ $case: 'liveness', value: message.value });
        case 'request':
          return this.#answer(message.value);
        case undefined:
          return;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.close(`the control plane does not keep to the protocol: ${error.message}`);
    }
  }

  #welcome(welcome: Welcome): void {
    if (this.#welcomed) throw new ProtocolError('welcome came twice');
    this.#welcomed = true;
    this.#epoch = welcome.epoch;
    this.#cancelWelcome();
    this.#reporter.start();
    if (welcome.features.includes('load')) this.#reportLoad();
    const alive = (): unknown => this.#wire.send({ $case: 'liveness', value: { nonce: 0 } });
    this.#stopLiveness = every(this.#options.clock, LIVENESS_PERIOD_MS, alive);
    this.#listener.welcomed(welcome);
  }

  /** A control plane that does not ask would end the stream. */
  #reportLoad(): void {
    const { load: source, clock } = this.#options;
    if (source === undefined) return;
    const send = (value: LoadReport): Promise<boolean> => this.#wire.send({ $case: 'load', value });
    this.#loadReporter = new LoadReporter({ source, clock, send });
    this.#loadReporter.start();
  }

  #update(chunk: SnapshotUpdate): void {
    if (!this.#welcomed) throw new ProtocolError('an update came before welcome');
    if (this.#applying) throw new ProtocolError('an update came before the last one was answered');
    const update = this.#assembly.add(chunk);
    if (update === undefined) return;
    this.#applying = true;
    void this.#options.keeper.apply(update).then((applied) => {
      this.#applying = false;
      if (applied.ok) this.#ack(update.id, update.baseVersion === 0);
      else this.#nack(update.id, applied.faults);
    });
  }

  /** A question that fails says so, and nothing more comes of it. */
  #answer(request: Request): void {
    let value: Response;
    try {
      value = answerRequest(request, this.#options.explain);
    } catch {
      value = { id: request.id, answer: { $case: 'error', value: 'the data plane failed to answer' } };
    }
    void this.#wire.send({ $case: 'response', value });
  }

  #receiveSessionKeys(keys: SessionKeys): void {
    if (!this.#welcomed) throw new ProtocolError('session keys came before welcome');
    this.#sessionKeys = readSessionKeys(keys);
    this.#adoptSessionKeys();
  }

  /** Those of a store that is not followed, such as an empty one in the place of a lost one, must end no session. */
  #adoptSessionKeys(): void {
    const { epoch } = this.#options.keeper.kept.value.held.id;
    if (this.#sessionKeys === undefined || (epoch !== '' && epoch !== this.#epoch)) return;
    this.#options.sessionKeys?.set(this.#sessionKeys);
    this.#sessionKeys = undefined;
  }

  #ack(id: SnapshotId, full: boolean): void {
    this.#adoptSessionKeys();
    this.#listener.applied(id, full);
    void this.#wire.send({ $case: 'ack', value: { ...id } });
  }

  #nack(id: SnapshotId, faults: Faults): void {
    this.#listener.refused(id, faults);
    void this.#wire.send({ $case: 'nack', value: wireNack(id, faults) });
  }

  #ended(reason: string): void {
    this.#cancelWelcome();
    this.#stopLiveness();
    this.#reporter.stop();
    this.#loadReporter?.stop();
    this.#listener.ended(reason);
  }
}

/** Texts are cut: the control plane takes messages up to a size. */
function wireNack(id: SnapshotId, faults: Faults): Nack {
  const cut = (text: string): string => text.slice(0, TEXT_CHARACTERS);
  const listed = faults.listed.map(({ object, field, code, reason }) => {
    return { object: cut(object), field: cut(field), code: cut(code), reason: cut(reason) };
  });
  return { ...id, faults: listed, totalFaults: faults.total };
}
