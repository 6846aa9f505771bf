import type { ClientRequest } from 'node:http';

/** Sets the fields of a request, repeated ones as often as they were sent. */
export function setRequestFields(request: ClientRequest, fields: readonly string[], chunked: boolean): void {
  // http-proxy gives DELETE and OPTIONS a length of 0 whatever they carry. For the others, Node must not be told that
  // there is no length: it would send a POST without content in chunks.
  if (request.hasHeader('Content-Length')) request.removeHeader('Content-Length');
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index]!;
    // Node has set a Host of its own: the address of the server.
    if (name === 'Host') request.setHeader(name, fields[index + 1]!);
    else request.appendHeader(name, fields[index + 1]!);
  }
  if (chunked) request.setHeader('Transfer-Encoding', 'chunked');
}

/**
 * The fields of an answer, Content-Length last: Node garbles a Content-Disposition that comes after it, when its bytes
 * are not ASCII.
 */
export function withLengthLast(fields: readonly string[]): string[] {
  const out: string[] = [];
  let contentLength: string | undefined;
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index]!;
    if (isContentLength(name)) contentLength = fields[index + 1];
    else out.push(name, fields[index + 1]!);
  }
  if (contentLength !== undefined) out.push('Content-Length', contentLength);
  return out;
}

function isContentLength(name: string): boolean {
  return name.length === 14 && name.toLowerCase() === 'content-length';
}
