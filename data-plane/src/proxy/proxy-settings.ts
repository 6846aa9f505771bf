import type { Network } from '@headgate/shared/config/setting-types';
import type { EngineName } from './engines.ts';
import type { ForwarderLimits } from './forwarder.ts';

/** What the proxy takes from the settings of the process. */
export interface ProxySettings extends ForwarderLimits {
  readonly engine: EngineName;
  readonly trustedProxies: readonly Network[];
  /** Whether requests are logged on standard output. */
  readonly accessLog: boolean;
  /** Whether answers say which version they were served by. */
  readonly versionHeader: boolean;
}
