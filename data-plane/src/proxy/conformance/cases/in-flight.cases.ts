import type { ConformanceCase } from '../conformance-case.ts';
import { settled } from '../eventually.ts';
import type { RunningForwarder } from '../fixture.ts';
import type { RawClient } from '../raw-client.ts';
import type { OriginConnection, OriginScript } from '../scripted-origin.ts';
import { SeededRandom } from '../seeded-random.ts';
import type { Stage } from '../stage.ts';
import { webSocketAnswer, webSocketRequest } from '../web-socket-text.ts';
import { valueOf, type WireRequest } from '../wire-message.ts';
import { answerText, requestText } from '../wire-text.ts';

const CLIENTS = 40;
const REQUESTS = 50;
const PART = 'HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\npart';

/** What a server does with a request. Most are answered, so that much happens; few hang, as that takes time. */
const conducts: readonly ((connection: OriginConnection) => void)[] = [
  ...Array<(connection: OriginConnection) => void>(12).fill((connection) => connection.send(answerText())),
  (connection) => connection.send(answerText({ status: '500 Internal Server Error' })),
  (connection) => connection.reset(),
  (connection) => connection.end(),
  (connection) => (connection.send(PART), connection.reset()),
  (connection) => connection.send('garbage\r\n\r\n'),
];
const HANGS_ONE_IN = 100;

function erratic(seed: number): OriginScript {
  return async (connection, index) => {
    const random = new SeededRandom(seed + index);
    for (;;) {
      const request = await connection.request();
      if (isUpgrade(request)) return tunnel(connection, random);
      if (random.below(HANGS_ONE_IN) > 0) random.one(conducts)(connection);
    }
  };
}

function isUpgrade(request: WireRequest): boolean {
  return valueOf(request, 'upgrade') !== undefined;
}

function tunnel(connection: OriginConnection, random: SeededRandom): void {
  connection.send(webSocketAnswer());
  if (random.below(2) === 0) leave(connection, random);
}

function leave(side: { reset(): void; end(): void; destroy(): void }, random: SeededRandom): void {
  random.one([() => side.reset(), () => side.end(), () => side.destroy()])();
}

const questions: readonly string[] = [
  requestText(),
  requestText(),
  requestText({ method: 'PUT', body: 'hello' }),
  requestText({ method: 'POST', body: 'hello'.repeat(100) }),
  webSocketRequest(),
];

/** One client after the other in the same place: each asks, and waits for its answer or leaves. */
async function visit(stage: Stage, forwarder: RunningForwarder, random: SeededRandom): Promise<void> {
  let client: RawClient | undefined;
  for (let turn = 0; turn < REQUESTS; turn++) {
    if (client?.ending !== 'open') client = await stage.client(forwarder);
    const text = random.one(questions);
    const sent = random.below(8) === 0 ? text.slice(0, random.below(text.length)) : text;
    client.send(sent);
    if (sent === text && random.below(5) > 0) await head(client);
    if (sent !== text || text === questions.at(-1) || random.below(4) === 0) {
      leave(client, random);
      client = undefined;
    } else if (client.unread.length > 0) await client.response().catch(() => undefined);
  }
  client?.destroy();
}

/** The first byte of an answer, or the end. What it says is for other cases. */
async function head(client: RawClient): Promise<void> {
  await client.patiently().until(() => client.unread.length > 0 || client.ending !== 'open', 'an answer or the end');
}

/** In-flight counts choose servers, hold limits and let queues move: one that is lost is lost for good. */
export const inFlightCases: readonly ConformanceCase[] = [
  {
    id: 'in-flight/exact',
    title:
      'counts nothing any more after 2,000 requests and tunnels that broke off in every way, and none too many before',
    async run(stage) {
      const origins = await Promise.all([11, 22, 33].map((seed) => stage.origin(erratic(seed))));
      const limits = { requestsPerServer: 3, queue: { length: 10, timeout: '1s' } } as const;
      const timeouts = { firstByte: '100ms', idle: '200ms' } as const;
      const backend = { limits, timeouts, balance: { algorithm: 'least_connections' } } as const;
      const ports = [...origins.map((origin) => origin.port), await stage.refusingPort()];
      const forwarder = await stage.forward(ports, { backend });
      const visits = Array.from({ length: CLIENTS }, (_, name) => visit(stage, forwarder, new SeededRandom(name)));
      await Promise.all(visits);
      await stage.idle(forwarder);
      await settled(() => forwarder.inFlight, 'the counts to stay', 5);
      const { queues, retries } = forwarder.metrics;
      expect([forwarder.inFlight, queues.get('web')?.waiting]).toEqual([0, 0]);
      expect(Math.min(retries, queues.get('web')?.entered ?? 0)).toBeGreaterThan(0);
      expect(forwarder.accessLines.length).toBeGreaterThan((CLIENTS * REQUESTS) / 2);
    },
  },
];
