import { canonicalAddress, formatEndpoint } from '@headgate/shared/model/address';
import type { KubernetesSource } from '@headgate/shared/model/kubernetes-source';
import { SourceError, type SourceEntry } from '../source.ts';
import type { Endpoint, EndpointSlice, SlicePort } from './endpoint-slice.ts';

type Wanted = Pick<KubernetesSource, 'service' | 'port'>;

/**
 * The servers of all slices of a Service. While a pod moves from one slice to another it may be in both: an address and
 * port is one server, and is active when one of them says so.
 * @throws SourceError when it is not clear which port is meant
 */
export function entriesOf(slices: Iterable<EndpointSlice>, wanted: Wanted): readonly SourceEntry[] {
  // The slices of a Service without pods have no ports, which says nothing of those to come.
  const filled = [...slices].filter(({ endpoints }) => endpoints.length > 0);
  checkPorts(filled, wanted);
  const entries = new Map<string, SourceEntry>();
  for (const { endpoints, ports } of filled) {
    for (const { number } of ports.filter((port) => isWanted(port, wanted))) {
      for (const endpoint of endpoints) add(entries, endpoint, number);
    }
  }
  return [...entries.values()];
}

function add(entries: Map<string, SourceEntry>, { name, address, zone, state }: Endpoint, port: number): void {
  const key = formatEndpoint(canonicalAddress(address) ?? address, port);
  const known = entries.get(key);
  if (known?.state === 'active' || (known !== undefined && state !== 'active')) return;
  entries.set(key, { name, server: { address, port, ...(zone !== '' && { zone }) }, state });
}

/** One name may stand for several numbers, when pods of two versions name different ones; two names are a choice. */
function checkPorts(filled: readonly EndpointSlice[], wanted: Wanted): void {
  if (filled.length === 0) return;
  const names = new Set(
    filled.flatMap(({ ports }) => ports.filter((port) => isWanted(port, wanted)).map(({ name }) => name)),
  );
  if (names.size === 0) {
    const port = wanted.port === undefined ? '' : ` ${wanted.port}`;
    throw new SourceError(`the Service ${wanted.service} has no TCP port${port}`);
  }
  if (wanted.port === undefined && names.size > 1) {
    throw new SourceError(`the Service ${wanted.service} has several ports: say by "port" which one is meant`);
  }
}

function isWanted({ name, number }: SlicePort, { port }: Wanted): boolean {
  return port === undefined || port === name || port === number;
}
