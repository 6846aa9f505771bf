import type { IncomingMessage, ServerResponse } from 'node:http';
import { HeadgateError } from '@headgate/shared/error';
import { parseJson } from '@headgate/shared/json/parse-json';
import { askForContent } from './continue.ts';
import { assertDeclaredSize, readContent, type ContentLimits } from './read-content.ts';

export interface JsonReader {
  readonly limits: ContentLimits;
  /** Such as `application/json`. */
  readonly mediaTypes: readonly string[];
}

/**
 * The content of a request as JSON (RFC 8259): in UTF-8, not compressed, of one of the media types.
 *
 * @throws HeadgateError
 */
export async function readJson(
  request: IncomingMessage,
  response: ServerResponse,
  reader: JsonReader,
): Promise<unknown> {
  assertMediaType(request, reader.mediaTypes);
  assertPlain(request);
  assertDeclaredSize(request, reader.limits);
  askForContent(request, response);
  const parsed = parseJson(decode(await readContent(request, reader.limits)));
  if (parsed.ok) return parsed.value;
  throw new HeadgateError('HEADGATE_BAD_SYNTAX', 'The content is not a JSON document that is accepted', {
    faults: parsed.faults,
  });
}

function assertMediaType({ headers }: IncomingMessage, mediaTypes: readonly string[]): void {
  const [type = '', ...parameters] = (headers['content-type'] ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  const known = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  if (mediaTypes.includes(type) && known) return;
  const found =
    type === ''
      ? 'There is no Content-Type'
      : known
        ? 'The Content-Type is not known here'
        : 'The charset is not UTF-8';
  throw unsupported(`${found} — send Content-Type: ${mediaTypes.join(' or ')}`);
}

function assertPlain({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity')
    throw unsupported('Compressed content is not accepted — send it as it is');
}

function unsupported(detail: string): HeadgateError {
  return new HeadgateError('HEADGATE_UNSUPPORTED_MEDIA_TYPE', detail);
}

/** A byte order mark is refused by the parser, as RFC 8259 allows. */
function decode(content: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new HeadgateError('HEADGATE_BAD_SYNTAX', 'The content is not UTF-8 — encode it so');
  }
}
