import { DnsTestServer } from '@headgate/shared/dns/dns-server.cases';
import type { DnsSource } from '@headgate/shared/model/dns-source';
import { recordedContext, RecordedSink } from '../recorded-sink.cases.ts';
import type { SourceEntry } from '../source.ts';
import type { SourceStage } from '../source.cases.ts';
import { createDnsSource } from './create-dns-source.ts';

export const NAME = 'web.example.test';

export interface DnsStage extends SourceStage<readonly SourceEntry[]> {
  readonly server: DnsTestServer;
}

/** A source that asks a server of names on loopback, ten times a second. */
export async function openDnsStage(options: Partial<DnsSource> = {}): Promise<DnsStage> {
  const server = await DnsTestServer.start();
  const sink = new RecordedSink<readonly SourceEntry[]>();
  const source: DnsSource = {
    type: 'dns',
    name: NAME,
    record: 'address',
    port: 8080,
    intervalMs: 100,
    timeoutMs: 500,
    resolvers: [server.address],
    allowEmpty: false,
    ...options,
  };
  return {
    server,
    sink,
    source: createDnsSource(source, recordedContext(sink)),
    hold: async (addresses) => hold(server, source, addresses),
    addressesOf: (entries) => entries.map(({ server: entry }) => (entry as { readonly address: string }).address),
    lose: () => server.stop(),
    restore: () => server.restart(),
    nonsense: async () => server.misbehave(NAME, 'garbage'),
    close: () => server.stop(),
  };
}

/** Addresses as the record brings them: with SRV each is a target. */
function hold(server: DnsTestServer, { record }: DnsSource, addresses: readonly string[]): void {
  if (record !== 'SRV') return server.holdAddresses(NAME, addresses);
  const target = (index: number): string => `web-${index}.example.test`;
  for (const [index, address] of addresses.entries()) server.holdAddresses(target(index), [address]);
  server.hold(
    NAME,
    addresses.map((_, index) => ({ type: 'SRV', priority: 10, weight: 1, port: 8080, target: target(index) })),
  );
}
