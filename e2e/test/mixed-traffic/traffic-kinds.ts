import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { largeBytes } from './mixed-origin.ts';
import { RawExchange } from './raw-exchange.ts';

export interface TrafficContext {
  readonly port: number;
  readonly host: string;
  readonly random: () => number;
}

/** One connection from its beginning to its end; rejects when something is not as it has to be. */
export type TrafficKind = (context: TrafficContext) => Promise<void>;

const below = ({ random }: TrafficContext, limit: number): number => Math.floor(random() * limit);

const head = ({ host }: TrafficContext, line: string, fields = ''): string =>
  `${line} HTTP/1.1\r\nHost: ${host}\r\n${fields}\r\n`;

async function onConnection(context: TrafficContext, use: (connection: RawExchange) => Promise<void>): Promise<void> {
  const connection = await RawExchange.open(context.port);
  try {
    await use(connection);
  } finally {
    connection.destroy();
  }
}

function insist(isRight: boolean, what: string): void {
  if (!isRight) throw new Error(what);
}

const keepAlive: TrafficKind = (context) =>
  onConnection(context, async (connection) => {
    for (let count = 1 + below(context, 50); count > 0; count--) {
      connection.send(head(context, `GET /k${count}`));
      insist((await connection.answer()) === `/k${count}`, 'the answer belongs to another request');
      await delay(below(context, 4));
    }
  });

const close: TrafficKind = (context) =>
  onConnection(context, async (connection) => {
    connection.send(head(context, 'GET /c', 'Connection: close\r\n'));
    insist((await connection.answer()) === '/c', 'the answer belongs to another request');
    await connection.closed();
  });

const pipelining: TrafficKind = (context) =>
  onConnection(context, async (connection) => {
    const targets = Array.from({ length: 2 + below(context, 10) }, (_, index) => `/p${index}`);
    connection.send(targets.map((target) => head(context, `GET ${target}`)).join(''));
    for (const target of targets) insist((await connection.answer()) === target, 'answers are out of order');
  });

const upload: TrafficKind = (context) =>
  onConnection(context, async (connection) => {
    const chunks = Array.from({ length: 1 + below(context, 20) }, () => 'u'.repeat(1 + below(context, 20_000)));
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const isChunked = context.random() < 0.5;
    const framing = isChunked ? 'Transfer-Encoding: chunked\r\n' : `Content-Length: ${length}\r\n`;
    connection.send(head(context, 'POST /u', framing));
    for (const chunk of chunks) {
      connection.send(isChunked ? `${chunk.length.toString(16)}\r\n${chunk}\r\n` : chunk);
      await delay(below(context, 3));
    }
    if (isChunked) connection.send('0\r\n\r\n');
    insist((await connection.answer()) === String(length), 'the upload has not arrived whole');
  });

const slowReader: TrafficKind = (context) =>
  onConnection(context, async (connection) => {
    connection.send(head(context, 'GET /large'));
    for (let pauses = 0; pauses < 10; pauses++) {
      connection.socket.pause();
      await delay(20 + below(context, 40));
      connection.socket.resume();
      await delay(1);
    }
    insist((await connection.answer()).length === largeBytes, 'the answer is not whole');
  });

/** Leaves at some time: before the end of the head, of the content, or of the answer. */
const abort: TrafficKind = (context) =>
  onConnection(context, async (connection) => {
    const moment = below(context, 4);
    const text = head(context, 'POST /a', 'Content-Length: 100000\r\n');
    if (moment === 0) connection.send(text.slice(0, below(context, text.length)));
    else if (moment === 1) connection.send(text + 'a'.repeat(below(context, 99_000)));
    else connection.send(head(context, 'GET /large'));
    if (moment === 3) await connection.atLeast(below(context, largeBytes));
    await delay(below(context, 10));
    if (context.random() < 0.5) connection.socket.resetAndDestroy();
  });

const refused: TrafficKind = (context) =>
  onConnection(context, async (connection) => {
    connection.send(head(context, 'GET /r', 'Transfer-Encoding: gzip, chunked\r\nContent-Length: 5\r\n'));
    await connection.answer(400);
    await connection.closed();
  });

/** Ends by itself, by either way. */
const webSocket: TrafficKind = async (context) => {
  const socket = new WebSocket(`ws://127.0.0.1:${context.port}/ws`, { headers: { host: context.host } });
  try {
    await once(socket, 'open');
    for (let count = 1 + below(context, 20); count > 0; count--) {
      const message = `${count}:${'m'.repeat(below(context, 5_000))}`;
      socket.send(message);
      const [data] = (await once(socket, 'message')) as [Buffer];
      insist(data.toString('utf8') === message, 'the echo is another');
      await delay(below(context, 10));
    }
    if (context.random() < 0.7) {
      socket.close();
      await once(socket, 'close');
    }
  } finally {
    socket.terminate();
  }
};

/** Every kind, and how many connections of it there are at a time. */
export const trafficKinds: readonly { readonly name: string; readonly run: TrafficKind; readonly atOnce: number }[] = [
  { name: 'keep-alive', run: keepAlive, atOnce: 4 },
  { name: 'close', run: close, atOnce: 2 },
  { name: 'pipelining', run: pipelining, atOnce: 2 },
  { name: 'upload', run: upload, atOnce: 2 },
  { name: 'slow reader', run: slowReader, atOnce: 2 },
  { name: 'abort', run: abort, atOnce: 2 },
  { name: 'refused', run: refused, atOnce: 1 },
  { name: 'WebSocket', run: webSocket, atOnce: 3 },
];
