import type { IncomingMessage } from 'node:http';
import type { ForwarderLimits, RequestHead } from '../forwarder.ts';
import type { OwnReason } from '../own-answer.ts';
import { asksForWebSocket } from '../request-fields.ts';

/** Between the target and its ends in a request line: two spaces and `HTTP/1.1`. */
const LINE_REST = 10;
/** Around the name and value of a field: colon, space, CRLF. */
const FIELD_REST = 4;

/** Who sent a request. */
export interface RequestPeer {
  readonly address: string;
  readonly port: number;
}

/** What is beyond the limits in a request that Node has read, or in a version that is not spoken here. */
export function headFault(request: IncomingMessage, limits: ForwarderLimits): OwnReason | undefined {
  if (request.httpVersion === '0.9') return 'bad_request'; // a request line without a version
  if (request.httpVersion !== '1.1' && request.httpVersion !== '1.0') return 'http_version_not_supported';
  if (request.method!.length + request.url!.length + LINE_REST > limits.requestLineBytes)
    return 'request_line_too_long';
  const { rawHeaders } = request;
  if (rawHeaders.length > limits.headerFields * 2) return 'too_many_fields';
  let bytes = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    bytes += rawHeaders[index]!.length + rawHeaders[index + 1]!.length + FIELD_REST;
  }
  return bytes > limits.headerBytes ? 'header_too_large' : undefined;
}

/** The head as the core reads it. `upgraded`: Node has let go of the connection for something else than HTTP. */
export function toRequestHead(request: IncomingMessage, peer: RequestPeer, upgraded: boolean): RequestHead {
  return {
    method: request.method!,
    target: request.url!,
    version: versionOf(request),
    rawHeaders: request.rawHeaders,
    clientAddress: peer.address,
    clientPort: peer.port,
    encrypted: false,
    upgrade: upgraded && isWebSocketRequest(request),
  };
}

export function isWebSocketRequest(request: IncomingMessage): boolean {
  return asksForWebSocket({ method: request.method!, version: versionOf(request), rawHeaders: request.rawHeaders });
}

/** Content that is rather read to its end and thrown away than the connection closed. */
const MAX_DISCARDED_BYTES = 65_536;

/** How the content of a request is framed. */
export interface RequestContent {
  readonly hasContent: boolean;
  readonly chunked: boolean;
  /** Bytes of it as declared; 0 for none, and in chunks. */
  readonly length: number;
  /** Whether it is known to be so little that it can be read and thrown away. */
  readonly isSmall: boolean;
}

/** Ask before the fields of the request are taken away. */
export function contentOf(request: IncomingMessage): RequestContent {
  const { headers } = request;
  const chunked = headers['transfer-encoding'] !== undefined;
  const length = Number(headers['content-length'] ?? 0);
  const expects = headers.expect !== undefined; // such a client may send it, or not
  const isSmall = !chunked && !expects && length <= MAX_DISCARDED_BYTES;
  return { chunked, length: chunked ? 0 : length, hasContent: chunked || length > 0, isSmall };
}

function versionOf(request: IncomingMessage): '1.0' | '1.1' {
  return request.httpVersion === '1.0' ? '1.0' : '1.1';
}
