import type { Backend } from '@headgate/shared/model/backend';
import type { ServerSlot } from '../upstream/server-slots.ts';

/**
 * Told how every attempt at a server has ended, as far as the server is to blame for it. Costs next to nothing, and never
 * throws.
 */
export interface ServerObserver {
  /** An answer came whose status is not 5xx. */
  succeeded(server: ServerSlot, backend: Backend): void;
  /** No connection, no answer in time, a lost connection, an invalid answer or a status of 500 to 599. */
  failed(server: ServerSlot, backend: Backend): void;
}
