import type { LogLevel } from '@headgate/shared/logger';
import type { ProxyCounts } from '../proxy/sum-metrics.ts';
import type { ProxySettings } from '../proxy/proxy-settings.ts';
import type { KnownName } from '../resolution/name-table.ts';
import type { SharedCounts } from '../upstream/shared-counts.ts';
import type { PackedChange } from './packed-change.ts';

export interface ThreadSettings extends ProxySettings {
  readonly logLevel: LogLevel;
}

/** What a thread is started with. */
export interface ThreadOrder {
  /** Its number, from 0. One that takes another's place has the same. */
  readonly thread: number;
  readonly counts: SharedCounts;
  /** `performanceOrigin` of the main thread. */
  readonly clockOrigin: number;
  readonly settings: ThreadSettings;
}

/** A key of session cookies as it goes to threads: of a Buffer, only the memory behind it would arrive. */
export interface PostedSessionKey {
  readonly id: string;
  readonly secret: Uint8Array;
  readonly issuing: boolean;
}

/**
 * From the main thread. Whatever changes what is served is carried out in the order in which it was sent.
 *
 * 1. sessionKeys, load: what is served, before the thread listens. Answered by committed.
 * 2. prepare, answered by prepared, then commit, answered by committed and, when everything has followed from it,
 *    by settled. Changes have growing numbers.
 * 3. names: what was found out about names of servers that the thread knows by then.
 * 4. letGo: nothing is under way any more, in any thread, at servers that have left or are disabled.
 */
export type ToThread =
  | { readonly kind: 'sessionKeys'; readonly keys: readonly PostedSessionKey[] }
  | { readonly kind: 'load' | 'prepare'; readonly number: number; readonly change: PackedChange }
  | { readonly kind: 'commit'; readonly number: number }
  | { readonly kind: 'names'; readonly names: readonly KnownName[] }
  | { readonly kind: 'letGo'; readonly servers: readonly string[] }
  | { readonly kind: 'listen'; readonly address: { readonly host: string; readonly port: number } }
  /** Something is free for those who wait in this thread. */
  | { readonly kind: 'wake' }
  | { readonly kind: 'tellCounts'; readonly question: number }
  | { readonly kind: 'beginDrain' | 'stopAccepting' | 'close' };

/** From a thread. */
export type FromThread =
  | { readonly kind: 'prepared' | 'committed' | 'settled'; readonly number: number }
  /** It cannot go on; the main thread has to replace it. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'listening'; readonly address: { readonly host: string; readonly port: number } }
  /** A server has failed so often in a row that it may be ejected. */
  | { readonly kind: 'failing'; readonly server: string; readonly failures: number }
  /** Something is free for those who wait in that thread. */
  | { readonly kind: 'wake'; readonly thread: number }
  /** `ChangedCounts`. `question` as asked, 0 when nobody did. */
  | { readonly kind: 'counts'; readonly question: number; readonly counts: ProxyCounts }
  | { readonly kind: 'stopped' | 'closed' };
