import { coreFixture } from '../../conformance/core-fixture.ts';
import type { RunningForwarder } from '../../conformance/fixture.ts';
import type { SeededRandom } from '../../conformance/seeded-random.ts';
import { HeadgateForwarder } from '../headgate-forwarder.ts';
import { answerDifference } from './answer-difference.ts';
import type { AnswerInput } from './answer-inputs.ts';
import { AnsweringOrigin } from './answering-origin.ts';
import { cutIntoPieces } from './cut-into-pieces.ts';
import { ExchangeLog } from './exchange-log.ts';
import { ProofClient } from './proof-client.ts';
import { quiet } from './quiet.ts';
import { readAnswer, type AnswerRead } from './read-answer.ts';
import { readWireAnswer, type WireAnswer } from './read-wire-answer.ts';

/** What a proof has shown so far. */
export interface AnswerProofReport {
  inputs: number;
  /** Answers that the client got whole. */
  passedOn: number;
  /** Answers of which the client got a part, and sees it. */
  cut: number;
  /** Answers in whose place the client got an own one. */
  refused: number;
  readonly violations: string[];
}

interface Trial {
  readonly input: AnswerInput;
  readonly client: ProofClient;
}

const MAX_VIOLATIONS = 20;

/**
 * A forwarder between clients and servers that answer anything. Each client has a server of its own, for what comes on
 * an idle connection just as it is taken for the next request cannot be told from its answer, by anybody.
 */
export class AnswerProof {
  readonly report: AnswerProofReport = { inputs: 0, passedOn: 0, cut: 0, refused: 0, violations: [] };
  readonly forwarder: RunningForwarder;
  readonly #origins: readonly AnsweringOrigin[];
  readonly #log: ExchangeLog;

  private constructor(forwarder: RunningForwarder, origins: readonly AnsweringOrigin[], log: ExchangeLog) {
    this.forwarder = forwarder;
    this.#origins = origins;
    this.#log = log;
  }

  static async start(lanes: number): Promise<AnswerProof> {
    const log = new ExchangeLog();
    const origins = Array.from({ length: lanes }, () => new AnsweringOrigin());
    const ports = await Promise.all(origins.map((origin) => origin.start()));
    const backends = ports.map((port, lane) => ({ name: `b${lane}`, servers: [{ address: '127.0.0.1', port }] }));
    const hosts = ports.map((_, lane) => ({ host: `l${lane}.test`, backend: `b${lane}` }));
    const forwarder = await coreFixture((options) => new HeadgateForwarder(log.watch(options))).start({
      configuration: { backends, hosts },
      accessLog: false,
    });
    return new AnswerProof(forwarder, origins, log);
  }

  /** Connections of the forwarder to servers, idle ones included. */
  get serverConnections(): number {
    return this.#origins.reduce((sum, { connections }) => sum + connections, 0);
  }

  /** As many inputs as there are servers, all at once. */
  async run(inputs: readonly AnswerInput[], random: SeededRandom): Promise<void> {
    const trials = await Promise.all(inputs.map((input, lane) => this.#begin(input, lane, random)));
    if (!(await quiet(() => this.#activity(trials)))) this.#violation('the forwarder does not come to rest', inputs);
    const endings = trials.map(({ client }) => client.ending);
    for (const { client } of trials) client.destroy();
    await quiet(() => this.#activity(trials) + this.forwarder.exchangesOpen);
    for (const [index, trial] of trials.entries()) await this.#judge(trial, endings[index]!);
    this.#log.forget();
  }

  async close(): Promise<void> {
    await this.forwarder.close();
    await Promise.all(this.#origins.map((origin) => origin.close()));
  }

  async #begin(input: AnswerInput, lane: number, random: SeededRandom): Promise<Trial> {
    const bytes = Buffer.from(input.answer, 'latin1');
    this.#origins[lane]!.script = { pieces: cutIntoPieces(bytes, random), ends: input.ends };
    const client = await ProofClient.connect(this.forwarder.port);
    client.send(Buffer.from(requestOf(input, lane)));
    return { input, client };
  }

  #activity(trials: readonly Trial[]): number {
    const ofOrigins = this.#origins.reduce((sum, origin) => sum + origin.activity, this.#log.activity);
    return trials.reduce((sum, { client }) => sum + client.activity, ofOrigins);
  }

  async #judge({ input, client }: Trial, ending: ProofClient['ending']): Promise<void> {
    this.report.inputs++;
    const [exchange] = this.#log.of(client.port);
    const read = await readAnswer(input);
    try {
      const seen = readWireAnswer(client.received, input.method, ending === 'end');
      if (exchange?.outcome === '') this.#violation('an exchange has not ended', input);
      const fault = this.#faultOf({ input, read, seen, ending }, exchange?.ownReason ?? '');
      if (fault !== undefined) this.#violation(fault, input, { read, received: client.received.toString('latin1') });
    } catch (error) {
      this.#violation(`no valid answer: ${String(error)}`, input, client.received.toString('latin1'));
    }
  }

  #faultOf({ input, read, seen, ending }: Outcome, ownReason: string): string | undefined {
    if (seen.rest !== '') return 'something stands behind the answer';
    const isWhole = read.answer?.complete === true && read.error === '';
    if (ending === 'open' && isWhole && !seen.complete) return 'a complete answer is held back';
    if (ending !== 'open' && seen.head === undefined) return 'the connection is closed without an answer';
    if (ownReason !== '') return this.#ownFault(seen);
    if (seen.complete) this.report.passedOn++;
    else this.report.cut++;
    return answerDifference(input, read, seen);
  }

  #ownFault(seen: WireAnswer): string | undefined {
    this.report.refused++;
    return seen.complete && seen.head?.status === 502 ? undefined : 'no whole 502';
  }

  #violation(what: string, input: unknown, seen?: unknown): void {
    if (this.report.violations.length >= MAX_VIOLATIONS) return;
    this.report.violations.push(`${what}\n  input: ${JSON.stringify(input)}\n  seen: ${JSON.stringify(seen)}`);
  }
}

interface Outcome {
  readonly input: AnswerInput;
  readonly read: AnswerRead;
  readonly seen: WireAnswer;
  readonly ending: ProofClient['ending'];
}

function requestOf({ method, version }: AnswerInput, lane: number): string {
  const line = `${method === 'UPGRADE' ? 'GET' : method} / HTTP/${version}\r\nHost: l${lane}.test\r\n`;
  if (method === 'UPGRADE' && version === '1.1') return `${line}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
  const connection = version === '1.0' ? 'Connection: keep-alive\r\n' : '';
  return `${line}${connection}${method === 'POST' ? 'Content-Length: 5\r\n\r\nhello' : '\r\n'}`;
}
