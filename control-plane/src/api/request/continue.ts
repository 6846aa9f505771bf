import type { IncomingMessage, ServerResponse } from 'node:http';

const held = new WeakSet<IncomingMessage>();

/** Remembers that the caller waits for 100 Continue before it sends the content (RFC 9110, 10.1.1). */
export function holdContent(request: IncomingMessage): void {
  held.add(request);
}

/**
 * Lets the caller send the content: called once the request is known to be worth reading. Where it is never called, Node
 * closes the connection after the answer, because nobody knows whether the content still comes.
 */
export function askForContent(request: IncomingMessage, response: ServerResponse): void {
  if (held.delete(request)) response.writeContinue();
}
