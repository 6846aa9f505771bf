import { coreFixture } from '../../conformance/core-fixture.ts';
import type { RunningForwarder } from '../../conformance/fixture.ts';
import { configurationOf } from '../../conformance/stage.ts';
import type { SeededRandom } from '../../conformance/seeded-random.ts';
import { HeadgateForwarder } from '../headgate-forwarder.ts';
import { cutIntoPieces } from './cut-into-pieces.ts';
import { ExchangeLog, type LoggedExchange } from './exchange-log.ts';
import type { NodeRequest } from './node-message.ts';
import { ProofClient } from './proof-client.ts';
import { quiet } from './quiet.ts';
import { readRequests, type RequestsRead } from './read-requests.ts';
import { requestDifference } from './request-difference.ts';
import { RequestRecorder } from './request-recorder.ts';
import { turns } from './turns.ts';

/** What was seen of one input. */
interface Trial {
  readonly input: string;
  readonly client: ProofClient;
  readonly pieces: readonly Buffer[];
}

/** What a proof has shown so far. */
export interface RequestProofReport {
  inputs: number;
  /** Requests that reached the server whole. */
  forwarded: number;
  /** Requests of which the server saw a part. */
  cut: number;
  /** Inputs of which nothing was forwarded. */
  refused: number;
  readonly violations: string[];
}

const MAX_VIOLATIONS = 20;
const nothing = Buffer.alloc(0);

/** A forwarder between clients that send anything and a server that records what reaches it. */
export class RequestProof {
  readonly report: RequestProofReport = { inputs: 0, forwarded: 0, cut: 0, refused: 0, violations: [] };
  readonly forwarder: RunningForwarder;
  readonly #recorder: RequestRecorder;
  readonly #log: ExchangeLog;

  private constructor(forwarder: RunningForwarder, recorder: RequestRecorder, log: ExchangeLog) {
    this.forwarder = forwarder;
    this.#recorder = recorder;
    this.#log = log;
  }

  static async start(): Promise<RequestProof> {
    const log = new ExchangeLog();
    const recorder = new RequestRecorder();
    const port = await recorder.start();
    const hosts = [{ host: '*', backend: 'web' }];
    const forwarder = await coreFixture((options) => new HeadgateForwarder(log.watch(options))).start({
      configuration: configurationOf([port], { hosts }),
      accessLog: false,
    });
    return new RequestProof(forwarder, recorder, log);
  }

  /** Connections of the forwarder to servers, idle ones included. */
  get serverConnections(): number {
    return this.#recorder.connections;
  }

  /** Sends each input on a connection of its own, all of them at once. */
  async run(inputs: readonly string[], random: SeededRandom): Promise<void> {
    const trials = await Promise.all(inputs.map((input) => this.#begin(input, random)));
    await sendAll(trials);
    if (!(await quiet(() => this.#activity(trials)))) this.#violation('the forwarder does not come to rest', '');
    const unanswered = trials.map((trial) => this.#waits(trial));
    for (const { client } of trials) client.destroy();
    await quiet(() => this.#activity(trials) + this.forwarder.exchangesOpen);
    for (const [index, trial] of trials.entries()) await this.#judge(trial, unanswered[index]!);
    const strays = [...this.#recorder.requests.keys()].map((id) => `a request that nobody decided about: ${id}`);
    for (const fault of [...strays, ...this.#recorder.faults.splice(0)])
      this.#violation(fault, inputs.join('\n----\n'));
    this.#recorder.requests.clear();
    this.#log.forget();
  }

  async close(): Promise<void> {
    await this.forwarder.close();
    await this.#recorder.close();
  }

  async #begin(input: string, random: SeededRandom): Promise<Trial> {
    const pieces = cutIntoPieces(Buffer.from(input, 'latin1'), random);
    return { input, pieces, client: await ProofClient.connect(this.forwarder.port) };
  }

  #activity(trials: readonly Trial[]): number {
    return trials.reduce((sum, { client }) => sum + client.activity, this.#log.activity + this.#recorder.activity);
  }

  /** Whether the connection stands and nothing is under way on it: more of the input is waited for, or has been lost. */
  #waits({ client }: Trial): boolean {
    return client.ending === 'open' && this.#log.of(client.port).every(({ outcome }) => outcome === 'complete');
  }

  async #judge({ input, client }: Trial, waits: boolean): Promise<void> {
    const exchanges = this.#log.of(client.port);
    const read = await readRequests(
      Buffer.from(input, 'latin1'),
      exchanges.map(({ method }) => method),
    );
    this.report.inputs++;
    const seen = exchanges.map((exchange, index) => this.#compare(input, exchange, read.requests[index]));
    if (!seen.includes(true)) this.report.refused++;
    const isLost = waits && read.requests.filter(({ complete }) => complete).length > exchanges.length;
    if (isLost) this.#violation('a complete request is neither forwarded nor refused', input, read);
  }

  /** Whether anything of the exchange has reached the server. */
  #compare(input: string, { requestId, outcome }: LoggedExchange, sent: NodeRequest | undefined): boolean {
    if (outcome === '') this.#violation('an exchange has not ended', input);
    const [seen, ...more] = this.#recorder.requests.get(requestId) ?? [];
    this.#recorder.requests.delete(requestId);
    if (seen === undefined) return false;
    if (seen.complete) this.report.forwarded++;
    else this.report.cut++;
    if (more.length > 0) this.#violation('a request was forwarded twice', input);
    const difference = sent === undefined ? 'Node reads no such request' : requestDifference(sent, seen);
    if (difference !== undefined) this.#violation(difference, input, seen);
    return true;
  }

  #violation(what: string, input: string, seen?: NodeRequest | RequestsRead): void {
    if (this.report.violations.length >= MAX_VIOLATIONS) return;
    this.report.violations.push(`${what}\n  input: ${JSON.stringify(input)}\n  seen: ${JSON.stringify(seen)}`);
  }
}

/** A piece of each in turn. */
async function sendAll(trials: readonly Trial[]): Promise<void> {
  const most = Math.max(...trials.map(({ pieces }) => pieces.length));
  for (let index = 0; index < most; index++) {
    for (const { client, pieces } of trials) client.send(pieces[index] ?? nothing);
    await turns(1);
  }
}
