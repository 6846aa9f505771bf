import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '@headgate/shared/error';
import { problemOf, type Problem } from './problem.ts';

const byParserCode: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['HEADGATE_HEAD_TOO_LARGE', 'Request line and headers are too large — send fewer'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['HEADGATE_TOO_LARGE', 'The chunk extensions are too large — send none'],
  ERR_HTTP_REQUEST_TIMEOUT: ['HEADGATE_TIMEOUT', 'The request did not arrive in time — send it faster'],
};

const unreadable: readonly [ErrorCode, string] = ['HEADGATE_BAD_SYNTAX', 'This is not a valid HTTP/1.1 request'];

/** Answers what the HTTP parser has refused, when there is no response object to answer with, and closes. */
export function answerBrokenRequest(error: Error, socket: Duplex): void {
  const code = 'code' in error ? String(error.code) : '';
  if (!socket.writable || code === 'ECONNRESET' || code === 'EPIPE') {
    socket.destroy();
    return;
  }
  socket.end(rawAnswer(problemOf(...(byParserCode[code] ?? unreadable))), () => socket.destroy());
}

function rawAnswer(problem: Problem): string {
  const content = `${JSON.stringify(problem)}\n`;
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(content)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
    '',
    content,
  ].join('\r\n');
}
