import { tokenScope } from '../../access/token-scope.ts';
import type { Admission } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';
import { clientAddressOf } from './client-address.ts';

/**
 * Who may use article 004's paths: whoever has a token that reaches the backend, and without one the clients of the
 * backend's `registration.networks`. These speak for their own address alone: a network is no secret, so that what comes
 * out of it must not be able to put any address into a backend, nor take a neighbour out of it.
 */
export function upstreamAdmission({
  registrations,
  upstream,
}: Pick<ApiRooms, 'registrations' | 'upstream'>): Admission {
  const backendOf = (target: string): string | undefined => {
    const query = new URLSearchParams(/\?(.*)$/s.exec(target)?.[1] ?? '');
    return query.get('backend') ?? upstream.defaultBackend;
  };
  return {
    backendOf,
    admit({ remote, target, headers }) {
      const backend = backendOf(target);
      const ownAddress = clientAddressOf(remote, headers, upstream.isTrustedProxy);
      if (backend === undefined || ownAddress === undefined || !registrations.admits(backend, ownAddress))
        return undefined;
      return { name: 'client of a network', scopes: [tokenScope(`register:backends/${backend}`)], ownAddress };
    },
  };
}
