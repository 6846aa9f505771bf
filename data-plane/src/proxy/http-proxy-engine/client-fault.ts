import type { OwnReason } from '../own-answer.ts';

/** An error of Node's parser or of a client's socket. */
export interface ClientError extends Error {
  readonly code?: string;
  /** What was being read when it happened. */
  readonly rawPacket?: Buffer;
}

/** What to do about it: an answer, or to let the client be, or to close without a word. */
export type ClientFault = OwnReason | 'ignore' | 'close';

const MAX_LINE_SEEN = 1_024;

/** Reads an error of `clientError`. */
export function clientFault(error: ClientError, requestLineBytes: number): ClientFault {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return isInRequestLine(error.rawPacket, requestLineBytes) ? 'request_line_too_long' : 'header_too_large';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'request_timeout';
    case 'HPE_CLOSED_CONNECTION': // bytes after a request that said `Connection: close`; it is still answered
      return 'ignore';
    case 'HPE_INVALID_EOF_STATE': // the client left in the middle
      return 'close';
    case 'HPE_INVALID_VERSION':
      return isOtherVersion(error.rawPacket) ? 'http_version_not_supported' : 'bad_request';
    default:
      return error.code?.startsWith('HPE_') === true ? 'bad_request' : 'close';
  }
}

/** Whether the request line is right but for its version. */
function isOtherVersion(packet: Buffer | undefined): boolean {
  return (
    packet !== undefined && /^[A-Z-]+ \S+ HTTP\/(?!1\.[01])\d\.\d\r\n/.test(packet.toString('latin1', 0, MAX_LINE_SEEN))
  );
}

/**
 * Whether it was the request line that was too long, as far as the bytes that were being read show it: they begin with
 * one that does not end in time. A line that came in several pieces is taken for a field; that answer is as final.
 */
function isInRequestLine(packet: Buffer | undefined, requestLineBytes: number): boolean {
  if (packet === undefined || !/^[A-Z-]+ \S/.test(packet.toString('latin1', 0, 64))) return false;
  const end = packet.indexOf('\n');
  return end === -1 || end > requestLineBytes;
}
