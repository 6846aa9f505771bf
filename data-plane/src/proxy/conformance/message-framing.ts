import { valuesOf, WireFault, type WireFraming, type WireHead, type WireResponseHead } from './wire-message.ts';

export interface Framing {
  readonly kind: WireFraming;
  /** Bytes of the body when its kind is `length`, else 0. */
  readonly length: number;
}

const NONE: Framing = { kind: 'none', length: 0 };

/** Where the body of a request ends (RFC 9112, 6.3). Anything that two readers could read differently is a fault. */
export function requestFraming(head: WireHead): Framing {
  return declaredFraming(head) ?? NONE;
}

/** Where the body of an answer to `method` ends. */
export function responseFraming(head: WireResponseHead, method: string): Framing {
  const declared = declaredFraming(head);
  if (head.status < 200 || head.status === 204) {
    if (declared !== undefined) throw new WireFault(`${head.status} declares a body: ${declared.kind}`);
    return NONE;
  }
  if (method === 'HEAD' || head.status === 304) return NONE;
  return declared ?? { kind: 'close', length: 0 };
}

function declaredFraming(head: WireHead): Framing | undefined {
  const codings = valuesOf(head, 'transfer-encoding');
  const lengths = valuesOf(head, 'content-length');
  if (codings.length > 0) {
    if (lengths.length > 0) throw new WireFault('Content-Length stands beside Transfer-Encoding');
    if (codings.length > 1 || codings[0]?.toLowerCase() !== 'chunked') {
      throw new WireFault(`Transfer-Encoding is not chunked once: ${codings.join(' | ')}`);
    }
    return { kind: 'chunked', length: 0 };
  }
  if (lengths.length === 0) return undefined;
  if (lengths.length > 1 || !/^\d{1,15}$/.test(lengths[0] ?? '')) {
    throw new WireFault(`Content-Length is not one number: ${lengths.join(' | ')}`);
  }
  return { kind: 'length', length: Number(lengths[0]) };
}
