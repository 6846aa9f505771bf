import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@headgate/shared/clock';

/** How long a client may go on sending content that nobody wants. */
const LINGER_MS = 1_000;

export interface EndAfterRequestOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Whether the answer says that the connection closes. */
  readonly closes: boolean;
  /** What is still to be written of it. */
  readonly last?: Buffer | string | undefined;
  readonly clock: Clock;
}

/**
 * Ends an answer, though content of the request may still be coming. A connection that stays open
 * is read until that is through. One that closes at once is reset by it, and the client may lose the answer (RFC 9112
 * section 9.6): so what comes is read and thrown away for a moment first.
 */
export function endAfterRequest({ request, response, closes, last, clock }: EndAfterRequestOptions): void {
  request.resume();
  if (!closes || request.complete || request.destroyed) {
    response.end(last);
    return;
  }
  if (last !== undefined) response.write(last);
  const cancel = clock.after(LINGER_MS, () => response.end());
  request.once('end', () => response.end());
  response.once('close', cancel);
  response.flushHeaders();
}
