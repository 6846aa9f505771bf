import type { ConformanceCase } from '../conformance-case.ts';
import type { RunningForwarder } from '../fixture.ts';
import type { RawClient } from '../raw-client.ts';
import type { OriginConnection, OriginScript } from '../scripted-origin.ts';
import { SeededRandom } from '../seeded-random.ts';
import type { Stage } from '../stage.ts';
import { WireCut } from '../wire-end.ts';
import type { WireRequest, WireResponse } from '../wire-message.ts';
import { answerText, chunkedText, requestText } from '../wire-text.ts';

const CLIENTS = 16;
const REQUESTS = 12;
const pieces = (token: string): readonly string[] => token.match(/[^]{1,100}/g) ?? [];
const PART = 'HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\npart';

/** What a server does with a request. Good answers are its token, which is the body that it came with or its path. */
const conducts: readonly ((connection: OriginConnection, token: string) => void)[] = [
  (connection, token) => connection.send(answerText({ body: token })),
  (connection, token) => connection.send(answerText({ body: token })),
  (connection, token) => void connection.sendPieces(pieces(answerText({ body: token }))),
  (connection, token) =>
    connection.send(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunkedText(pieces(token))}`),
  (connection, token) => connection.send(answerText({ body: token }) + answerText({ body: 'poison' })),
  (connection, token) => connection.send(answerText({ body: token, fields: ['Connection: close'] })),
  (connection) => connection.send(PART),
  (connection) => (connection.send(PART), connection.end()),
  (connection) => (connection.send(PART), connection.reset()),
  (connection) => connection.send('poison\r\n\r\n'),
  (connection) => connection.send('HTTP/1.1 200 OK\r\nX-Po'),
  (connection) => connection.end(),
  (connection) => connection.reset(),
  () => undefined,
];

const tokenOf = (request: WireRequest): string => (request.body.length > 0 ? request.body.toString() : request.target);

function erratic(seed: number): OriginScript {
  return async (connection, index) => {
    const random = new SeededRandom(seed + index);
    for (;;) {
      const request = await connection.request();
      random.one(conducts)(connection, tokenOf(request));
    }
  };
}

/** What a client asks, and what only a good answer to that says. */
function question(token: string, random: SeededRandom): { readonly text: string; readonly method: string } {
  switch (random.below(4)) {
    case 0:
      return { method: 'POST', text: requestText({ method: 'POST', body: token }) };
    case 1: {
      const head = requestText({ method: 'PUT', fields: ['Transfer-Encoding: chunked'] });
      return { method: 'PUT', text: head + chunkedText(pieces(token)) };
    }
    default:
      return { method: 'GET', text: requestText({ target: token }) };
  }
}

interface Visit {
  readonly stage: Stage;
  readonly forwarder: RunningForwarder;
  readonly random: SeededRandom;
  readonly name: number;
}

/** One client: most of the time it takes its answers, at times it leaves in the middle. Counts its good answers. */
async function visit({ stage, forwarder, random, name }: Visit): Promise<number> {
  let good = 0;
  let client = await stage.client(forwarder);
  for (let turn = 0; turn < REQUESTS; turn++) {
    if (client.ending !== 'open') client = await stage.client(forwarder);
    const token = `/${name}.${turn}.${'t'.repeat(random.below(2_000))}`;
    const { text, method } = question(token, random);
    const sent = text.slice(0, random.below(5) === 0 ? random.below(text.length) : undefined);
    client.send(sent);
    if (sent.length < text.length || random.below(6) === 0) leave(client, random);
    else if (await answeredWell(client, method, token)) good++;
  }
  return good;
}

function leave(client: RawClient, random: SeededRandom): void {
  if (random.below(2) === 0) client.reset();
  else client.destroy();
}

/** Whatever happens, an answer is valid, and one that says 200 is the right one. */
async function answeredWell(client: RawClient, method: string, token: string): Promise<boolean> {
  const answer = await client.patiently().response(method).catch(cutOnly);
  if (answer === undefined) return false;
  expect([200, 408, 502, 503, 504]).toContain(answer.status);
  if (answer.status !== 200) return false;
  expect(answer.body.toString()).toBe(token);
  return true;
}

function cutOnly(error: unknown): WireResponse | undefined {
  if (error instanceof WireCut) return undefined;
  throw error;
}

export const turmoilCases: readonly ConformanceCase[] = [1, 2].map((seed) => ({
  id: `turmoil/${seed}`,
  title: 'mixes nothing up and leaves nothing over among erratic clients and servers',
  async run(stage) {
    const origins = [await stage.origin(erratic(seed)), await stage.origin(erratic(seed * 7))];
    const backend = { timeouts: { firstByte: '200ms', idle: '200ms' } } as const;
    const forwarder = await stage.forward([...origins.map((origin) => origin.port), await stage.refusingPort()], {
      backend,
    });
    const visits = Array.from({ length: CLIENTS }, (_, name) =>
      visit({ stage, forwarder, name, random: new SeededRandom(seed * 1_000 + name) }),
    );
    const good = (await Promise.all(visits)).reduce((sum, count) => sum + count, 0);
    expect(good).toBeGreaterThan(CLIENTS);
    await stage.idle(forwarder);
  },
}));
