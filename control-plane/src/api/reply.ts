import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';

/** What an operation answers. */
export interface Reply {
  readonly status: number;
  /** Sent as JSON; a string is sent as it is. Absent: no content. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of a body: writes until it is over. */
  readonly stream?: (out: Writable) => Promise<void>;
  /** Default application/json. */
  readonly contentType?: string;
}

/** Writes a reply; resolves when a stream is over. Node leaves the content out where the method is HEAD, with the Content-Length that GET would have. */
export function sendReply(response: ServerResponse, reply: Reply): Promise<void> | void {
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  response.statusCode = reply.status;
  if (reply.stream !== undefined) return sendStream(response, { ...reply, stream: reply.stream });
  if (reply.body === undefined) {
    response.end();
    return;
  }
  const content = Buffer.from(typeof reply.body === 'string' ? reply.body : `${JSON.stringify(reply.body)}\n`);
  response.setHeader('Content-Type', reply.contentType ?? 'application/json');
  response.setHeader('Content-Length', content.length);
  response.end(content);
}

async function sendStream(response: ServerResponse, reply: Reply & Required<Pick<Reply, 'stream'>>): Promise<void> {
  response.setHeader('Content-Type', reply.contentType ?? 'application/octet-stream');
  response.flushHeaders();
  if (response.req.method !== 'HEAD') await reply.stream(response);
  response.end();
}
