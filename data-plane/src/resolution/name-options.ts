import type { LookupFunction, TcpNetConnectOpts } from 'node:net';

/** An address that has not answered by then is left for the next one. */
const NEXT_ADDRESS_MS = 250;

/** How `net.connect` gets to a server whose address is a name; to others they make no difference. */
export function nameOptions(
  lookup: LookupFunction,
): Pick<TcpNetConnectOpts, 'lookup' | 'autoSelectFamily' | 'autoSelectFamilyAttemptTimeout'> {
  return { lookup, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS };
}
