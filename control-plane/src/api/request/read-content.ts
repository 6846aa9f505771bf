import type { IncomingMessage } from 'node:http';
import type { Clock } from '@headgate/shared/clock';
import { HeadgateError } from '@headgate/shared/error';

export interface ContentLimits {
  readonly maxBytes: number;
  /** For the whole of it, in milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/**
 * The content of a request, whatever its framing. Reading stops at the first byte too many and at the end of the time.
 *
 * @throws HeadgateError
 */
export async function readContent(request: IncomingMessage, limits: ContentLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => collect(request, limits, { resolve, reject }));
}

/** Refuses content that says itself that it is too large, before a byte of it is read. @throws HeadgateError */
export function assertDeclaredSize({ headers }: IncomingMessage, { maxBytes }: ContentLimits): void {
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

interface Outcome {
  readonly resolve: (content: Buffer) => void;
  readonly reject: (error: Error) => void;
}

function collect(request: IncomingMessage, { maxBytes, timeoutMs, clock }: ContentLimits, outcome: Outcome): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const onData = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > maxBytes) fail(tooLarge(maxBytes));
    else chunks.push(chunk);
  };
  const onEnd = (): void => {
    stop();
    outcome.resolve(Buffer.concat(chunks, bytes));
  };
  const onClose = (): void =>
    fail(new HeadgateError('HEADGATE_BAD_SYNTAX', 'The connection ended before the content did'));
  const cancel = clock.after(timeoutMs, () => fail(tooSlow(timeoutMs)));
  const stop = (): void => {
    cancel();
    request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
    request.pause();
  };
  function fail(error: Error): void {
    stop();
    // A reset connection raises an error even when nobody reads any more.
    request.on('error', () => undefined);
    outcome.reject(error);
  }
  request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
}

function tooLarge(maxBytes: number): HeadgateError {
  return new HeadgateError('HEADGATE_TOO_LARGE', `The content is larger than ${maxBytes} bytes — split the change`);
}

function tooSlow(timeoutMs: number): HeadgateError {
  return new HeadgateError(
    'HEADGATE_TIMEOUT',
    `The content did not arrive within ${timeoutMs / 1_000} s — send it faster`,
  );
}
