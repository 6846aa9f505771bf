import type { ReadableValue } from '@headgate/shared/latest-value';
import type { TlsMaterial } from '@headgate/shared/tls/tls-material';

/** How control planes are connected to over TLS. */
export interface ControlPlaneTls {
  /** Whether there is a certificate to show stays as it is at the start. */
  readonly material: ReadableValue<TlsMaterial>;
  /** The name that the control plane's certificate must have; without it the host of its address. */
  readonly serverName?: string | undefined;
}
