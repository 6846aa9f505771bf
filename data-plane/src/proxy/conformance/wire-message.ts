/** A field as it stood on the wire: its name in its own case, its value without the white space around it. */
export type WireField = readonly [name: string, value: string];

export interface WireHead {
  readonly startLine: string;
  readonly fields: readonly WireField[];
}

/** How the end of a body was told (RFC 9112, 6.3). */
export type WireFraming = 'none' | 'length' | 'chunked' | 'close';

interface WireContent {
  readonly framing: WireFraming;
  readonly body: Buffer;
  /** Fields of the trailer section, empty unless chunked. */
  readonly trailers: readonly WireField[];
}

export interface WireRequest extends WireHead, WireContent {
  readonly method: string;
  readonly target: string;
  readonly version: string;
}

export interface WireResponseHead extends WireHead {
  readonly version: string;
  readonly status: number;
}

export interface WireResponse extends WireResponseHead, WireContent {
  /** Answers with 1xx that came before, but for 101. */
  readonly interim: readonly WireResponseHead[];
}

/** Bytes that are no valid HTTP/1.1 message. */
export class WireFault extends Error {}

/** Every value of a field, in order. */
export function valuesOf(message: Pick<WireHead, 'fields'>, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return message.fields.filter(([field]) => field.toLowerCase() === wanted).map(([, value]) => value);
}

/** The value of a field that may stand once; undefined when it is absent. */
export function valueOf(message: Pick<WireHead, 'fields'>, name: string): string | undefined {
  const values = valuesOf(message, name);
  if (values.length > 1) throw new WireFault(`${name} stands ${values.length} times: ${values.join(' | ')}`);
  return values[0];
}

/** The members of a field that is a list, over all its lines, in lower case. */
export function membersOf(message: Pick<WireHead, 'fields'>, name: string): readonly string[] {
  return valuesOf(message, name)
    .flatMap((value) => value.split(','))
    .map((member) => member.trim().toLowerCase())
    .filter((member) => member !== '');
}
