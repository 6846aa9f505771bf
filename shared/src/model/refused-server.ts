import { isIP } from 'node:net';
import { refusedAddress, type AddressPolicy, type AddressRefusal, type Endpoint } from './address-policy.ts';
import { isLocalName, localNameAddresses } from './server-address.ts';

/**
 * Why this system must not connect to a server, whose address is canonical. What a name stands for is known to whoever
 * looks it up, at that time, and is refused there; of a name that always means this machine it is known here.
 */
export function refusedServer(server: Endpoint, policy: AddressPolicy): AddressRefusal | undefined {
  const { address, port } = server;
  if (isIP(address) !== 0) return refusedAddress(server, policy);
  if (!isLocalName(address)) return undefined;
  return localNameAddresses
    .map((meant) => refusedAddress({ address: meant, port }, policy))
    .find((refusal) => refusal !== undefined);
}
