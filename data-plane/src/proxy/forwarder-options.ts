import type { Clock } from '@headgate/shared/clock';
import type { ServerNames } from '../resolution/name-table.ts';
import type { ServerSlots } from '../upstream/server-slots.ts';
import type { ClientLimit } from './client-limit.ts';
import type { Decide, ForwarderLimits, Refuse } from './forwarder.ts';
import type { ProxyMetrics } from './proxy-metrics.ts';

/** What every engine is made with. */
export interface ForwarderOptions {
  /** Port 0 takes any that is free. With `reusePort` other sockets that say so listen there too. */
  readonly address: { readonly host: string; readonly port: number; readonly reusePort?: boolean };
  /** Beside `limits.clientConnections`, which is the engine's own. Default: none. */
  readonly clients?: ClientLimit | undefined;
  readonly limits: ForwarderLimits;
  readonly decide: Decide;
  readonly refuse: Refuse;
  /** Says when connections to a server are of no more use. */
  readonly slots: Pick<ServerSlots, 'isRetired' | 'onFreed'>;
  /** Where servers are whose address is a name. */
  readonly names: ServerNames;
  readonly clock: Clock;
  /** For what the engine alone sees: connections, tunnels, replaced connections. */
  readonly metrics: ProxyMetrics;
}
