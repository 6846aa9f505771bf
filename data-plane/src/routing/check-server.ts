import { serverStates, type Server } from '@headgate/shared/model/server';
import { canonicalServerAddress } from '@headgate/shared/model/server-address';
import { findOutOfRange, quote, type Finding } from './finding.ts';

/** What keeps a server from being used. Whether its backend exists is looked at elsewhere. */
export function checkServer(server: Server): readonly Finding[] {
  const findings = findOutOfRange([
    { field: '/port', value: server.port, min: 1, max: 65_535 },
    { field: '/weight', value: server.weight, min: 1, max: 1_000 },
    { field: '/priority', value: server.priority, min: 0, max: 15 },
  ]);
  if (!(serverStates as readonly string[]).includes(server.state)) {
    const reason = `is ${quote(server.state)}, which this data plane does not know`;
    return [...findings, { field: '/state', code: 'unknown_value', reason }];
  }
  if (canonicalServerAddress(server.address) === server.address) return findings;
  const reason = `is ${quote(server.address)}, neither an IP address nor a name in its one spelling`;
  return [...findings, { field: '/address', code: 'invalid_address', reason }];
}
