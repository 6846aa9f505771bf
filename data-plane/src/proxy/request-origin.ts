import {
  clientAddressBehind,
  readForwardedFields,
  type ForwardedFields,
} from '@headgate/shared/forwarded/client-identity';
import type { RequestHead } from './forwarder.ts';
import type { RequestFields } from './request-fields.ts';
import { isRequestId, type CreateRequestId } from './request-id.ts';
import type { IsTrustedProxy } from '@headgate/shared/forwarded/trusted-proxies';

/** Who asks, as far as it can be known. */
export interface RequestOrigin {
  readonly forwarded: ForwardedFields | undefined;
  readonly clientAddress: string;
  readonly requestId: string;
}

export interface OriginOptions {
  readonly isTrustedProxy: IsTrustedProxy;
  readonly createRequestId: CreateRequestId;
}

/** Whether the client came over TLS, to us or to the trusted proxy that says so. */
export function cameOverTls(
  { encrypted }: Pick<RequestHead, 'encrypted'>,
  { forwarded }: Pick<RequestOrigin, 'forwarded'>,
): boolean {
  const proto = forwarded?.proto ?? '';
  return proto === '' ? encrypted : proto.trim().toLowerCase() === 'https';
}

/** What trusted proxies say of the client counts; from anyone else it is what the client claims. */
export function originOf(
  head: Pick<RequestHead, 'clientAddress' | 'rawHeaders'>,
  fields: Pick<RequestFields, 'requestId'>,
  options: OriginOptions,
): RequestOrigin {
  const { isTrustedProxy, createRequestId } = options;
  if (!isTrustedProxy(head.clientAddress)) {
    return { forwarded: undefined, clientAddress: head.clientAddress, requestId: createRequestId() };
  }
  const forwarded = readForwardedFields(head.rawHeaders);
  return {
    forwarded,
    clientAddress: clientAddressBehind(head.clientAddress, forwarded, isTrustedProxy),
    requestId: isRequestId(fields.requestId) ? fields.requestId : createRequestId(),
  };
}
