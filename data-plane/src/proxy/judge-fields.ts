import { normaliseAuthority } from '@headgate/shared/routing/normalise-authority';
import type { HttpVersion } from './message.ts';
import type { OwnReason } from './own-answer.ts';
import { expectsContinue, readFraming, type RequestFields, type RequestFraming } from './request-fields.ts';

/** The Host of a request. */
export interface HostRead {
  /** As sent, and normalised; "" when the request names none (HTTP/1.0). */
  readonly sent: string | undefined;
  readonly authority: string;
}

/** What is right and wrong about the fields of a request, each by itself. */
export interface FieldVerdicts {
  readonly framing: RequestFraming | OwnReason;
  readonly host: HostRead | OwnReason;
  readonly expectsContinue: boolean | OwnReason;
}

/** Looks at all that does not depend on the target. */
export function judgeFields(fields: RequestFields, version: HttpVersion): FieldVerdicts {
  return {
    framing: readFraming(fields, version),
    host: readHost(fields, version),
    expectsContinue: expectsContinue(fields, version),
  };
}

const noHost: HostRead = { sent: undefined, authority: '' };

/** Exactly one valid Host; HTTP/1.0 may do without (RFC 9112 section 3.2). It must be right even when it does not count. */
function readHost({ hosts }: RequestFields, version: HttpVersion): HostRead | OwnReason {
  if (hosts.length === 0) return version === '1.0' ? noHost : 'missing_host';
  if (hosts.length > 1) return 'several_hosts';
  const sent = hosts[0]!;
  const authority = normaliseAuthority(sent);
  return authority === undefined ? 'invalid_host' : { sent, authority };
}
