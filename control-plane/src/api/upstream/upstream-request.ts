import { HeadgateError } from '@headgate/shared/error';
import { canonicalAddress, formatEndpoint } from '@headgate/shared/model/address';
import { isName } from '@headgate/shared/model/name';
import { z } from 'zod';
import type { OperationRequest } from '../operation.ts';
import type { Upstream } from '../rooms.ts';
import { clientAddressOf } from './client-address.ts';

const given = (description: string): z.ZodOptional<z.ZodString> => z.string().optional().meta({ description });

/** `backend` of all of article 004's requests. */
export const backendQuery = z.strictObject({
  backend: given('Which backend. Default: that of HEADGATE_REGISTRATION_BACKEND.'),
});

/** Which server is meant. */
export const serverQuery = backendQuery.extend({
  host: given("Its IP address. Default, and when empty: the client's."),
  port: given('Its port. Required.'),
});

export const registrationQuery = serverQuery.extend({
  weight: given('Its weight, 1 to 1000. Default: what it was, and 1 when it is new.'),
});

/** What trusted proxies say about the client. */
export const clientHeaders = z.object({
  'x-forwarded-for': given('The client and proxies; believed when it comes from HEADGATE_TRUSTED_PROXIES.'),
  'x-real-ip': given('The client, where there is no X-Forwarded-For; believed likewise.'),
});

type ServerRequest = Pick<
  OperationRequest<unknown, z.output<typeof serverQuery>, z.output<typeof clientHeaders>>,
  'query' | 'headers' | 'origin' | 'actor'
>;

/** @throws HeadgateError HEADGATE_BAD_PARAMETER */
export function backendOfRequest({ backend }: z.output<typeof backendQuery>, upstream: Upstream): string {
  const name = backend ?? upstream.defaultBackend;
  if (name === undefined) throw bad('backend is required');
  if (!isName(name)) throw bad('backend is not the name of a backend');
  return name;
}

/**
 * The server of a request, as address:port. As in the article a text that is no number is no port.
 * @throws HeadgateError HEADGATE_BAD_PARAMETER, HEADGATE_FORBIDDEN for an address that the caller may not speak for
 */
export function endpointOfRequest({ query, headers, origin, actor }: ServerRequest, upstream: Upstream): string {
  if (!/^\d+$/.test(query.port ?? '')) throw bad('port is required');
  const port = Number(query.port);
  if (port < 1 || port > 65_535) throw bad('port is not from 1 to 65535');
  const client = actor.ownAddress ?? clientAddressOf(origin.remote, headers, upstream.isTrustedProxy);
  const address = (query.host ?? '') === '' ? client : canonicalAddress(query.host!);
  if (address === undefined) throw bad('host is not an IP address');
  if (actor.ownAddress === undefined || actor.ownAddress === address) return formatEndpoint(address, port);
  const detail = `host is not the address of this client, which is ${actor.ownAddress} - leave it out, or use a token`;
  throw new HeadgateError('HEADGATE_FORBIDDEN', detail);
}

/** @throws HeadgateError HEADGATE_BAD_PARAMETER */
export function weightOfRequest({ weight }: z.output<typeof registrationQuery>): number | undefined {
  if (weight === undefined) return undefined;
  const value = /^\d{1,4}$/.test(weight) ? Number(weight) : 0;
  if (value < 1 || value > 1_000) throw bad('weight is not from 1 to 1000');
  return value;
}

function bad(detail: string): HeadgateError {
  return new HeadgateError('HEADGATE_BAD_PARAMETER', detail);
}
