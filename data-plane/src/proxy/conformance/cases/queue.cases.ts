import type { LimitsDocument } from '@headgate/shared/model/limits';
import type { ConformanceCase } from '../conformance-case.ts';
import { expectOwnAnswer } from '../expect-own-answer.ts';
import type { RunningForwarder } from '../fixture.ts';
import { answering } from '../origin-scripts.ts';
import type { RawClient } from '../raw-client.ts';
import type { OriginScript } from '../scripted-origin.ts';
import { configurationOf, type Stage } from '../stage.ts';
import { accepting, webSocketRequest } from '../web-socket-text.ts';
import { valueOf, type WireResponse } from '../wire-message.ts';
import { answerText, patternBytes, requestText } from '../wire-text.ts';

const LONG = { length: 2, timeout: '60s' } as const;
const CLOSING = answerText({ fields: ['Connection: close'] });
const other = answering(answerText({ body: 'other' }));

/** Takes one request for each connection; the case answers it by hand. */
const held: OriginScript = async (connection) => void (await connection.request());

const asked = (name: string): string => requestText({ target: `/${name}` });

/** A server that takes one request at a time, and has one. */
async function busy(stage: Stage, limits: LimitsDocument, script: OriginScript = held) {
  const options = { backend: { limits: { requestsPerServer: 1, ...limits } } } as const;
  const scene = await stage.serve(script, options);
  scene.client.send(asked('first'));
  await scene.origin.request(0);
  const finishFirst = async (): Promise<void> => {
    (await scene.origin.connection(0)).send(CLOSING);
    expect((await scene.client.response()).status).toBe(200);
  };
  return { ...scene, options, finishFirst };
}

function waiting(forwarder: RunningForwarder): number {
  return forwarder.metrics.queues.get('web')?.waiting ?? 0;
}

/** A client whose request waits as one of so many. */
async function waiter(stage: Stage, forwarder: RunningForwarder, name: string): Promise<RawClient> {
  const client = await stage.client(forwarder);
  const before = waiting(forwarder);
  client.send(asked(name));
  await stage.eventually(() => waiting(forwarder) === before + 1, `${name} to wait`);
  return client;
}

function expectOverload(answer: WireResponse, reason: string): void {
  expect([answer.status, expectOwnAnswer(answer)]).toEqual([503, reason]);
  expect(Number(valueOf(answer, 'retry-after'))).toBeGreaterThan(0);
}

/** A limit of requests at each server, and where those wait that are beyond it. */
export const queueCases: readonly ConformanceCase[] = [
  {
    id: 'queue/none',
    title: 'answers 503 at once when every server is at its limit and there is no queue',
    async run(stage) {
      const { forwarder, origin, finishFirst } = await busy(stage, {});
      const second = await stage.client(forwarder);
      expectOverload(await second.ask(asked('second')), 'overloaded');
      expect(origin.requests).toHaveLength(1);
      await finishFirst();
    },
  },
  {
    id: 'queue/turn',
    title: 'lets a request wait, and sends it when another has ended',
    async run(stage) {
      const { forwarder, origin, finishFirst } = await busy(stage, { queue: LONG });
      const second = await waiter(stage, forwarder, 'second');
      expect([origin.connections.length, forwarder.inFlight]).toEqual([1, 1]);
      await finishFirst();
      expect((await origin.request(1)).target).toBe('/second');
      (await origin.connection(1)).send(CLOSING);
      expect((await second.response()).status).toBe(200);
      await stage.idle(forwarder);
      expect(forwarder.metrics.queues.get('web')).toMatchObject({ waiting: 0, entered: 1, full: 0, timedOut: 0 });
    },
  },
  {
    id: 'queue/order',
    title: 'serves those who wait in the order in which they came, and newcomers after them',
    async run(stage) {
      const { forwarder, origin, finishFirst } = await busy(stage, { queue: { length: 10, timeout: '60s' } });
      const names = ['second', 'third', 'fourth', 'fifth'];
      const clients: RawClient[] = [];
      for (const name of names) clients.push(await waiter(stage, forwarder, name));
      await finishFirst();
      for (const [index, name] of names.entries()) {
        expect((await origin.request(index + 1)).target).toBe(`/${name}`);
        if (index === 0) clients.push(await waiter(stage, forwarder, 'newcomer'));
        (await origin.connection(index + 1)).send(CLOSING);
        expect((await clients[index]!.response()).status).toBe(200);
      }
      expect((await origin.request(names.length + 1)).target).toBe('/newcomer');
      expect(forwarder.inFlight).toBe(1);
    },
  },
  {
    id: 'queue/full',
    title: 'answers 503 at once when the queue is full',
    async run(stage) {
      const { forwarder } = await busy(stage, { queue: LONG });
      await waiter(stage, forwarder, 'second');
      await waiter(stage, forwarder, 'third');
      const fourth = await stage.client(forwarder);
      expectOverload(await fourth.ask(asked('fourth')), 'overloaded');
      expect(forwarder.metrics.queues.get('web')).toMatchObject({ waiting: 2, full: 1 });
    },
  },
  {
    id: 'queue/timeout',
    title: 'answers 503 to a request that has waited too long',
    async run(stage) {
      const { forwarder, origin, finishFirst } = await busy(stage, { queue: { length: 2, timeout: '200ms' } });
      const second = await stage.client(forwarder);
      expectOverload(await second.ask(asked('second')), 'queue_timeout');
      expect(forwarder.metrics.queues.get('web')).toMatchObject({ waiting: 0, timedOut: 1 });
      await finishFirst();
      expect(origin.requests).toHaveLength(1);
    },
  },
  {
    id: 'queue/abort',
    title: 'frees the place of a client that leaves at once',
    async run(stage) {
      const { forwarder, origin, finishFirst } = await busy(stage, { queue: LONG });
      const second = await waiter(stage, forwarder, 'second');
      const third = await waiter(stage, forwarder, 'third');
      second.reset();
      await stage.eventually(() => waiting(forwarder) === 1, 'the place to be free');
      await finishFirst();
      expect((await origin.request(1)).target).toBe('/third');
      (await origin.connection(1)).send(CLOSING);
      expect((await third.response()).status).toBe(200);
    },
  },
  {
    id: 'queue/body',
    title: 'forwards the body of a request that had to wait whole',
    async run(stage) {
      const { forwarder, origin, finishFirst } = await busy(stage, { queue: LONG });
      const body = patternBytes(1_048_576).toString('latin1');
      const second = await stage.client(forwarder);
      second.send(requestText({ method: 'POST', body }));
      await stage.eventually(() => waiting(forwarder) === 1, 'the upload to wait');
      await finishFirst();
      expect((await origin.request(1)).body.toString('latin1') === body).toBe(true);
      (await origin.connection(1)).send(CLOSING);
      expect((await second.response('POST')).status).toBe(200);
    },
  },
  {
    id: 'queue/tunnel',
    title: 'counts a tunnel until it is closed, and lets another request have its place then',
    async run(stage) {
      const script: OriginScript = (connection, index) => (index === 0 ? accepting : held)(connection, index);
      const options = { backend: { limits: { requestsPerServer: 1, queue: LONG } } } as const;
      const { client, origin, forwarder } = await stage.serve(script, options);
      expect((await client.ask(webSocketRequest())).status).toBe(101);
      const second = await waiter(stage, forwarder, 'second');
      client.destroy();
      await stage.eventually(() => origin.requests.some(({ target }) => target === '/second'), 'its turn');
      (await origin.connection(1)).send(CLOSING);
      expect((await second.response()).status).toBe(200);
    },
  },
  {
    id: 'queue/server-added',
    title: 'sends those who wait to a server that a change brings',
    async run(stage) {
      const { forwarder, origin, options } = await busy(stage, { queue: LONG });
      const second = await waiter(stage, forwarder, 'second');
      const next = await stage.origin(other);
      await forwarder.publish(configurationOf([origin.port, next.port], options));
      expect((await second.response()).body.toString()).toBe('other');
    },
  },
  {
    id: 'queue/limit-raised',
    title: 'serves those who wait when a change raises the limit',
    async run(stage) {
      const { forwarder, origin } = await busy(stage, { queue: LONG });
      const second = await waiter(stage, forwarder, 'second');
      const backend = { limits: { requestsPerServer: 2, queue: LONG } };
      await forwarder.publish(configurationOf([origin.port], { backend }));
      await origin.request(1);
      (await origin.connection(1)).send(CLOSING);
      expect((await second.response()).status).toBe(200);
    },
  },
  {
    id: 'queue/queue-removed',
    title: 'answers 503 to those who wait when a change removes the queue',
    async run(stage) {
      const { forwarder, origin } = await busy(stage, { queue: LONG });
      const second = await waiter(stage, forwarder, 'second');
      const backend = { limits: { requestsPerServer: 1 } };
      await forwarder.publish(configurationOf([origin.port], { backend }));
      expectOverload(await second.response(), 'overloaded');
    },
  },
  {
    id: 'queue/backend-removed',
    title: 'answers 503 to those who wait when a change removes their backend',
    async run(stage) {
      const { forwarder } = await busy(stage, { queue: LONG });
      const second = await waiter(stage, forwarder, 'second');
      await forwarder.publish({ backends: [], hosts: [] });
      expectOverload(await second.response(), 'no_servers');
      expect(waiting(forwarder)).toBe(0);
    },
  },
];
