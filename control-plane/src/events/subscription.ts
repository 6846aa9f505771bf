import type { EventType } from './event.ts';

/** What a listener wants. */
export interface Subscription {
  readonly types: ReadonlySet<EventType>;
  /** Of the last event that it has seen. */
  readonly lastEventId: string | undefined;
  /** Ends the stream. */
  readonly signal: AbortSignal;
}
