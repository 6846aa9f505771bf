import type { ConformanceCase } from '../conformance-case.ts';
import { errorOf } from '../expect-own-answer.ts';
import { answering } from '../origin-scripts.ts';
import type { OriginConnection, OriginScript } from '../scripted-origin.ts';
import type { Stage } from '../stage.ts';
import { WireCut } from '../wire-end.ts';
import { answerText, chunkedText, patternBytes, requestText } from '../wire-text.ts';

/** What a server does wrong with the first request that reaches it, and what has to come of that. */
interface Fault {
  readonly id: string;
  readonly title: string;
  readonly commit: (connection: OriginConnection) => Promise<void> | void;
  /**
   * lost: nothing came back, so the request is sent to another server where that is safe. begun: something came back, and
   * the client gets this answer of the proxy. cut: the client sees that its answer is not whole. relayed: the answer is the
   * server's own.
   */
  readonly leads: 'lost' | 'begun' | 'cut' | 'relayed';
  /** Of the answer when there is no retry. */
  readonly status: number;
  readonly reason?: string;
  /** The server has not read the whole request: a body that is too long to be kept may not have come yet. */
  readonly early?: true;
}

interface Demand {
  readonly name: string;
  readonly text: string;
  readonly body: string;
  readonly replayable: boolean;
}

const SHORT = '300ms';
const small = 'hello';
const largest = patternBytes(65_536).toString('latin1');
const large = patternBytes(200_000).toString('latin1');

const demand = (method: string, body: string, replayable: boolean): Demand => ({
  name: `${method} with ${body.length} bytes`,
  text: requestText(body === '' ? { method } : { method, body }),
  body,
  replayable,
});

const chunked = (method: string, body: string, replayable: boolean): Demand => ({
  name: `${method} with ${body.length} bytes in chunks`,
  text: requestText({ method, fields: ['Transfer-Encoding: chunked'] }) + chunkedText(body.match(/[^]{1,9999}/g) ?? []),
  body,
  replayable,
});

/** Methods that may be repeated (RFC 9110, 9.2.2) and methods that may not, without content, with little, with much. */
const demands: readonly Demand[] = [
  demand('GET', '', true),
  demand('OPTIONS', '', true),
  demand('DELETE', small, true),
  demand('PUT', small, true),
  chunked('PUT', small, true),
  demand('PUT', largest, true),
  demand('PUT', large, false),
  chunked('PUT', large, false),
  demand('POST', '', false),
  demand('POST', small, false),
  demand('POST', large, false),
  chunked('POST', small, false),
  demand('PATCH', small, false),
];

const HALF_HEAD = 'HTTP/1.1 200 OK\r\nX-Half';
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n';

/** Takes the whole request, then does this. */
const after =
  (act: (connection: OriginConnection) => unknown): Fault['commit'] =>
  async (connection) => {
    await connection.request();
    await act(connection);
  };

const sending =
  (text: string, then: (connection: OriginConnection) => unknown = () => undefined): Fault['commit'] =>
  async (connection) => {
    await connection.request();
    connection.send(text);
    await new Promise((resolve) => connection.socket.write('', resolve));
    then(connection);
  };

const end = (connection: OriginConnection): void => connection.end();
const reset = (connection: OriginConnection): void => connection.reset();

const lost = { leads: 'lost', status: 502, reason: 'connection_lost' } as const;
const begun = { leads: 'begun', status: 502 } as const;
const late = { leads: 'begun', status: 504, reason: 'first_byte_timeout' } as const;
const cut = { leads: 'cut', status: 200 } as const;

const faults: readonly Fault[] = [
  { ...lost, id: 'reset-at-once', title: 'resets the connection at once', commit: reset, early: true },
  { ...lost, id: 'close-at-once', title: 'closes the connection at once', commit: (it) => it.destroy(), early: true },
  {
    ...lost,
    id: 'reset-after-head',
    title: 'resets the connection after the head of the request',
    commit: async (connection) => (await connection.head(), connection.reset()),
    early: true,
  },
  { ...lost, id: 'reset-after-request', title: 'resets the connection without a word', commit: after(reset) },
  { ...lost, id: 'close-after-request', title: 'closes the connection without a word', commit: after(end) },
  {
    id: 'hang',
    title: 'says nothing',
    commit: after(() => undefined),
    leads: 'lost',
    status: 504,
    reason: 'first_byte_timeout',
  },
  { ...begun, id: 'reset-in-head', title: 'resets the connection inside the head', commit: sending(HALF_HEAD, reset) },
  { ...begun, id: 'close-in-head', title: 'closes the connection inside the head', commit: sending(HALF_HEAD, end) },
  { ...late, id: 'hang-in-head', title: 'stops inside the head of its answer', commit: sending(HALF_HEAD) },
  {
    ...late,
    id: 'drip',
    title: 'drips a head that never ends',
    commit: after((connection) => connection.drip(`${HALF_HEAD}${'a'.repeat(200)}`, 20)),
  },
  {
    ...begun,
    id: 'garbage',
    title: 'answers by what is no HTTP',
    reason: 'invalid_answer',
    commit: sending('SSH-2.0-OpenSSH_9.6\r\n\r\n', end),
  },
  {
    ...begun,
    id: 'interim-only',
    title: 'says 103 and closes the connection',
    commit: sending('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', end),
  },
  { ...cut, id: 'close-after-answer-head', title: 'closes after the head of its answer', commit: sending(HEAD, end) },
  { ...cut, id: 'truncated', title: 'closes inside its answer', commit: sending(`${HEAD}part`, end) },
  { ...cut, id: 'truncated-by-reset', title: 'resets inside its answer', commit: sending(`${HEAD}part`, reset) },
  {
    ...cut,
    id: 'truncated-chunks',
    title: 'closes inside an answer in chunks',
    commit: sending('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n', end),
  },
  {
    id: 'server-error',
    title: 'answers 503',
    commit: sending(answerText({ status: '503 Service Unavailable', body: 'mine' })),
    leads: 'relayed',
    status: 503,
  },
];

/** The first connection to any server meets the fault, all later ones are served. */
function faultyOnce(commit: Fault['commit']): OriginScript {
  let committed = false;
  return (connection, index) => {
    if (committed) return answering()(connection, index);
    committed = true;
    return commit(connection);
  };
}

/** One request to two servers of which the first one fails. */
async function demandOf(stage: Stage, fault: Fault, { name, text, body, replayable }: Demand): Promise<void> {
  const script = faultyOnce(fault.commit);
  const origins = [await stage.origin(script), await stage.origin(script)];
  const ports = origins.map((origin) => origin.port);
  const forwarder = await stage.forward(ports, { backend: { timeouts: { firstByte: SHORT } } });
  const client = (await stage.client(forwarder)).patiently();
  const answer = await client.ask(text).catch((error: unknown) => {
    if (error instanceof WireCut) return undefined;
    throw error;
  });
  await stage.idle(forwarder);
  const seen = { status: answer?.status, attempts: forwarder.accessLines[0]?.attempts };
  const whole = origins.flatMap((origin) => origin.requests);
  const expected = expectation(fault, replayable, seen.status);
  expect([name, seen]).toEqual([name, expected]);
  if (expected.attempts === 2) expect(whole.at(-1)?.body.toString('latin1') === body).toBe(true);
  else if (answer !== undefined && fault.reason !== undefined)
    expect([name, errorOf(answer)]).toEqual([name, fault.reason]);
  if (!idempotent.test(text)) expect([name, origins.filter(hasReceived).length < 2]).toEqual([name, true]);
}

const idempotent = /^(?:GET|PUT|DELETE|OPTIONS) /;

/** Of what must not be repeated, no second server may see a byte. */
function hasReceived(origin: { readonly received: string }): boolean {
  return origin.received !== '';
}

/** A server that fails early may have got nothing yet, or so little of a long body that all of it is still there. */
function expectation(fault: Fault, replayable: boolean, status: number | undefined) {
  const { leads, early } = fault;
  if (leads === 'cut') return { status: undefined, attempts: 1 };
  if (leads === 'lost' && (replayable || (early === true && status === 200))) return { status: 200, attempts: 2 };
  return { status: fault.status, attempts: 1 };
}

/** Faults of servers, each under every kind of request: the right answer, the right number of attempts, nothing left. */
export const originFaultCases: readonly ConformanceCase[] = faults.map((fault) => ({
  id: `origin-faults/${fault.id}`,
  title: `does what is right and safe for every kind of request when a server ${fault.title}`,
  async run(stage) {
    await Promise.all(demands.map((one) => demandOf(stage, fault, one)));
  },
}));
