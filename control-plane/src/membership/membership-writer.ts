import type { ServerDocument, ServerState } from '@headgate/shared/model/server';

/** A server that somebody other than operators has brought. */
export interface Member {
  readonly document: ServerDocument;
  readonly state: ServerState;
  /** Unix ms when it came. */
  readonly since: number;
}

/** One member before-and-after; `member` undefined: it leaves. */
export interface MemberChange {
  readonly backend: string;
  readonly endpoint: string;
  readonly member: Member | undefined;
}

export interface MembershipWriter {
  /**
   * Makes changes of one owner durable; resolves then. Batched with those of others within milliseconds; equal content is
   * no change. Versions follow within a second.
   * @throws HeadgateError HEADGATE_STORE_FULL, HEADGATE_UNAVAILABLE
   */
  write(owner: string, changes: readonly MemberChange[]): Promise<void>;
  /** The members that an owner has now, by backend, then by address:port. */
  membersOf(owner: string): ReadonlyMap<string, ReadonlyMap<string, Member>>;
}
