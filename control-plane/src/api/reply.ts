import type { ServerResponse } from 'node:http';

/** What an operation answers. */
export interface Reply {
  readonly status: number;
  /** Sent as JSON; a string is sent as it is. Absent: no content. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default application/json. */
  readonly contentType?: string;
}

/** Writes a reply. Node leaves the content out where the method is HEAD, with the Content-Length that GET would have. */
export function sendReply(response: ServerResponse, reply: Reply): void {
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  response.statusCode = reply.status;
  if (reply.body === undefined) {
    response.end();
    return;
  }
  const content = Buffer.from(typeof reply.body === 'string' ? reply.body : `${JSON.stringify(reply.body)}\n`);
  response.setHeader('Content-Type', reply.contentType ?? 'application/json');
  response.setHeader('Content-Length', content.length);
  response.end(content);
}
