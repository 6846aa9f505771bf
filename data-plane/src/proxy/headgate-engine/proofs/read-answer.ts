import { request, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AnswerInput } from './answer-inputs.ts';
import { bytesStream } from './bytes-stream.ts';
import type { NodeMessage } from './node-message.ts';
import { turns } from './turns.ts';

export interface NodeAnswer extends NodeMessage {
  readonly status: number;
  readonly phrase: string;
}

/** What Node's parser reads in what a server said. */
export interface AnswerRead {
  /** Answers with 1xx that came before, but for 101. */
  readonly interim: readonly Pick<NodeAnswer, 'status' | 'rawHeaders'>[];
  readonly answer: NodeAnswer | undefined;
  /** Code of the error that it ended with, "" for none. */
  readonly error: string;
}

/** So many turns of the event loop are enough to read what is there. */
const TURNS = 3;

/** Reads by Node's own client, as strict as it comes. */
export async function readAnswer({ method, version, answer: text, ends }: AnswerInput): Promise<AnswerRead> {
  const interim: Pick<NodeAnswer, 'status' | 'rawHeaders'>[] = [];
  let answer: NodeAnswer | undefined;
  let error = '';
  const stream = bytesStream(Buffer.from(text, 'latin1'), ends);
  const isUpgrade = method === 'UPGRADE' && version === '1.1';
  const sent = request({
    method: method === 'UPGRADE' ? 'GET' : method,
    headers: isUpgrade ? { Connection: 'Upgrade', Upgrade: 'websocket' } : {},
    maxHeaderSize: 1 << 20,
    insecureHTTPParser: false,
    createConnection: () => stream,
  });
  sent.maxHeadersCount = 0;
  sent.on('information', ({ statusCode, rawHeaders }) => interim.push({ status: statusCode, rawHeaders }));
  sent.on('response', (message) => (answer = collect(message)));
  if (isUpgrade) sent.on('upgrade', (message, socket, head) => (answer = tunnel(message, socket, head)));
  sent.on('error', (cause: NodeJS.ErrnoException) => (error ||= cause.code ?? cause.message));
  sent.end();
  await turns(TURNS);
  stream.destroy();
  sent.destroy();
  return { interim, answer, error };
}

function collect(message: IncomingMessage): NodeAnswer {
  const { statusCode: status = 0, statusMessage: phrase = '', rawHeaders } = message;
  const answer: NodeAnswer = {
    ...{ status, phrase, rawHeaders },
    ...{ body: Buffer.alloc(0), rawTrailers: [], complete: false },
  };
  message.on('data', (bytes: Buffer) => (answer.body = Buffer.concat([answer.body, bytes])));
  message.on('error', () => undefined); // it stays incomplete
  message.on('end', () => {
    answer.complete = message.complete;
    answer.rawTrailers = message.rawTrailers;
  });
  return answer;
}

/** A tunnel is as good as complete: whatever comes belongs to it. */
function tunnel(message: IncomingMessage, socket: Duplex, head: Buffer): NodeAnswer {
  const { statusCode: status = 0, statusMessage: phrase = '', rawHeaders } = message;
  const answer: NodeAnswer = { status, phrase, rawHeaders, body: head, rawTrailers: [], complete: true };
  socket.on('data', (bytes: Buffer) => (answer.body = Buffer.concat([answer.body, bytes])));
  return answer;
}
