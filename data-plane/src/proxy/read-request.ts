import { normaliseAuthority } from '@headgate/shared/routing/normalise-authority';
import { readTarget, type RequestTarget } from '@headgate/shared/routing/request-target';
import type { RequestHead } from './forwarder.ts';
import type { OwnReason } from './own-answer.ts';
import type { RequestBlock } from './request-block.ts';
import type { RequestFields, RequestFraming } from './request-fields.ts';

/** A request that has been read and found right. */
export interface ReadRequest {
  readonly head: RequestHead;
  readonly fields: RequestFields;
  readonly framing: RequestFraming;
  readonly expectsContinue: boolean;
  readonly target: RequestTarget;
  /** As sent; undefined when the request names none (HTTP/1.0). */
  readonly sentAuthority: string | undefined;
  /** Normalised, "" for none. */
  readonly authority: string;
}

/** What can be read from a head alone, or why it is refused. */
export function readRequest(head: RequestHead, block: RequestBlock): ReadRequest | OwnReason {
  // Neither is forwarded: CONNECT would make this an open relay, TRACE shows fields that the proxy has added.
  if (head.method === 'CONNECT' || head.method === 'TRACE') return 'method_not_allowed';
  const { framing, host, expectsContinue: expects } = block.verdicts(head.version);
  if (typeof framing === 'string') return framing;
  const target = readTarget(head.method, head.target);
  if (target === undefined) return 'invalid_target';
  if (typeof host === 'string') return host;
  const authority = target.authority === undefined ? host.authority : normaliseAuthority(target.authority);
  if (authority === undefined) return 'invalid_host';
  if (typeof expects === 'string') return expects;
  const { fields } = block;
  const sentAuthority = target.authority ?? host.sent;
  return { head, fields, framing, expectsContinue: expects && hasContent(framing), target, sentAuthority, authority };
}

function hasContent(framing: RequestFraming): boolean {
  return framing.chunked || (framing.contentLength ?? 0) > 0;
}
