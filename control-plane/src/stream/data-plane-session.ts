import {
  ConnectResponse,
  type Ack,
  type LoadReport,
  type Nack,
  type Request,
} from '@headgate/proto/generated/headgate/v1/control_plane';
import type { ExplainQuestion } from '@headgate/shared/model/explain-question';
import { sameSnapshot, type SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { DataPlaneAnswer, QuestionedDataPlane } from '../fleet/fleet-questions.ts';
import { decideUpdate, type PeerState } from './decide-update.ts';
import { OpenQuestions } from './open-questions.ts';
import type { Arrival } from './read-hello.ts';
import { readHealth, readLoad, readNack } from './read-report.ts';
import type { RequestMessage } from './read-request.ts';
import { RefusalError, type Refusal } from './refusal.ts';
import { SessionKeySender } from './session-key-sender.ts';
import type { StreamContext } from './stream-context.ts';
import type { StreamWire } from './stream-wire.ts';
import { UpdateInFlight } from './update-in-flight.ts';

/**
 * The control plane's side of one data plane, from Welcome to the end of the stream.
 *
 * 1. Welcome names the epoch and the newest version. From then on the data plane is part of the fleet.
 * 2. Whenever a snapshot is published or an answer comes, and nothing is in flight, `decideUpdate` says what to send.
 * 3. An update goes out chunk by chunk, each when the one before has left. Until it is answered no
 *    other update is sent, so that a data plane that has stopped reading costs one chunk; what is published meanwhile is skipped, and
 *    the next update goes to the newest version.
 * 4. An Ack moves the base of the next delta; a Nack leaves it where it was. Either must name the update in flight.
 * 5. The keys of session cookies go out after Welcome and whenever they change, also while an update is on its way.
 * 6. Health reports and Liveness may come at any time, and reports of load if Welcome asked for them. Whatever comes
 *    counts as heard.
 * 7. The end, from either side, makes the data plane `gone`.
 */
export class DataPlaneSession implements QuestionedDataPlane {
  readonly id: string;
  readonly processUuid: string;
  readonly #arrival: Arrival;
  readonly #wire: StreamWire;
  readonly #context: StreamContext;
  readonly #probes = new Map<number, () => void>();
  readonly #questions: OpenQuestions;
  readonly #sessionKeys: SessionKeySender;
  #peer: PeerState;
  #inFlight: UpdateInFlight | undefined;
  /** Code of the problem that keeps it from following. */
  #stranded: string | undefined;
  #unsubscribe: () => void = () => undefined;
  #nonce = 0;
  #over = false;

  constructor(arrival: Arrival, wire: StreamWire, context: StreamContext) {
    this.id = arrival.introduction.id;
    this.processUuid = arrival.introduction.processUuid;
    this.#arrival = arrival;
    this.#wire = wire;
    this.#context = context;
    this.#sessionKeys = new SessionKeySender(wire, context.sessionKeys);
    const send = (value: Request): void => this.#say({ $case: 'request', value });
    this.#questions = new OpenQuestions({ clock: context.clock, send });
    const { held } = arrival.introduction;
    this.#peer = { held, digest: arrival.digest, ahead: false, refused: undefined };
  }

  start(): void {
    const { register, log, metrics, softwareVersion, questions, load } = this.#context;
    this.#wire.onClose(() => this.#close());
    register.joined(this.#arrival.introduction);
    questions.connected(this.id, this);
    metrics.connected.inc();
    const updateFollows = decideUpdate(this.#peer, log.latest.value).kind === 'send';
    const features = load === undefined ? [] : ['load'];
    this.#say({ $case: 'welcome', value: { ...log.latest.value.id, softwareVersion, updateFollows, features } });
    // First: a data plane without keys would take its sessions for forged.
    this.#sessionKeys.start();
    this.#unsubscribe = log.latest.subscribe(() => this.#advance());
  }

  /** @throws RefusalError for what has no place here. */
  receive(message: RequestMessage): void {
    this.#context.register.heard(this.id);
    switch (message.$case) {
      case 'hello':
        throw new RefusalError('INVALID_ARGUMENT', 'hello came twice');
      case 'ack':
        return this.#acked(message.value);
      case 'nack':
        return this.#nacked(message.value);
      case 'health':
        return this.#context.register.health(this.id, readHealth(message.value));
      case 'load':
        return this.#loaded(message.value);
      case 'liveness':
        return this.#probes.get(message.value.nonce)?.();
      case 'response':
        return this.#questions.answered(message.value);
    }
  }

  /** Whether the data plane answers a Ping in time. */
  probe(timeoutMs: number): Promise<boolean> {
    const nonce = ++this.#nonce;
    return new Promise((resolve) => {
      const settle = (answered: boolean): void => {
        this.#probes.delete(nonce);
        cancel();
        stop();
        resolve(answered);
      };
      // After a turn that took long, timers come before what has arrived meanwhile: that is read first.
      const cancel = this.#context.clock.after(timeoutMs, () => setImmediate(() => settle(false)));
      const stop = this.#wire.onClose(() => settle(false));
      this.#probes.set(nonce, () => settle(true));
      this.#say({ $case: 'ping', value: { nonce } });
    });
  }

  /** How the data plane would serve a request. */
  explain(question: ExplainQuestion): Promise<DataPlaneAnswer> {
    if (!this.#arrival.features.has('explain')) return Promise.resolve({ kind: 'unsupported' });
    const { method, url, headers, clientAddress } = question;
    return this.#questions.ask({ $case: 'explain', value: { method, url, headers: [...headers], clientAddress } });
  }

  /** Ends the stream, saying why. */
  end(refusal: Refusal): void {
    this.#wire.end(refusal);
  }

  #acked(ack: Ack): void {
    const { id } = this.#answered(ack).lease;
    this.#peer = { held: id, digest: undefined, ahead: false, refused: undefined };
    this.#context.metrics.answers.inc({ answer: 'ack' });
    this.#context.register.acked(this.id, id);
    this.#inFlight?.answer();
  }

  #nacked(wire: Nack): void {
    const { id, baseVersion } = this.#answered(wire).lease;
    const nack = readNack(wire);
    const codes = new Set(nack.errors.map(({ code }) => code));
    this.#peer = { ...this.#peer, refused: { id, codes, full: baseVersion === 0 } };
    this.#context.metrics.answers.inc({ answer: 'nack' });
    this.#context.logger.warn(
      { dataPlane: this.id, nack },
      'a data plane has refused a snapshot and serves its last one',
    );
    this.#context.register.nacked(this.id, nack);
    this.#inFlight?.answer();
  }

  #loaded(report: LoadReport): void {
    const { load } = this.#context;
    if (load === undefined) throw new RefusalError('INVALID_ARGUMENT', 'load came, which welcome did not ask for');
    load.report(this.id, readLoad(report));
  }

  #answered(answer: SnapshotId): UpdateInFlight {
    const update = this.#inFlight;
    if (update !== undefined && sameSnapshot(update.lease.id, answer)) return update;
    const detail = `version ${answer.version} was answered, which is not in flight`;
    throw new RefusalError('FAILED_PRECONDITION', detail);
  }

  #advance(): void {
    if (this.#over || this.#inFlight !== undefined) return;
    const next = decideUpdate(this.#peer, this.#context.log.latest.value);
    const stranded = next.kind === 'stranded' ? next.problem : undefined;
    if (stranded?.code === 'version_ahead') this.#peer = { ...this.#peer, ahead: true };
    this.#strand(stranded);
    if (next.kind === 'send') this.#send(next.base);
  }

  #strand(problem: { readonly code: string; readonly detail: string } | undefined): void {
    const { register, logger } = this.#context;
    if (problem?.code === this.#stranded) return;
    if (this.#stranded !== undefined) register.solved(this.id, this.#stranded);
    this.#stranded = problem?.code;
    if (problem === undefined) return;
    register.troubled(this.id, { ...problem, stranded: true });
    logger.error({ dataPlane: this.id, problem }, 'a data plane cannot follow this store');
  }

  #send(base: number): void {
    const { cache, metrics } = this.#context;
    const lease = cache.lease(base);
    const update = new UpdateInFlight(lease, () => {
      this.#inFlight = undefined;
      this.#advance();
    });
    this.#inFlight = update;
    metrics.updates.inc({ kind: lease.baseVersion === 0 ? 'full' : 'delta' });
    update.send(this.#wire, (bytes) => metrics.bytes.inc(bytes)).catch((error: unknown) => this.#failed(error));
  }

  /** An update that cannot be encoded ends this stream alone. */
  #failed(error: unknown): void {
    this.#context.logger.error({ err: error, dataPlane: this.id }, 'an update could not be sent');
    this.end({ code: 'INTERNAL', detail: 'an update could not be sent; see the log of the control plane' });
  }

  #say(message: NonNullable<ConnectResponse['message']>): void {
    void this.#wire.send(Buffer.from(ConnectResponse.encode({ message }).finish()));
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#unsubscribe();
    this.#context.questions.disconnected(this.id, this);
    this.#questions.close();
    this.#sessionKeys.close();
    this.#inFlight?.abandon();
    this.#context.metrics.connected.dec();
    this.#context.register.left(this.id);
  }
}
