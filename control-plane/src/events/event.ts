/** What can happen, by the name that listeners know it by. */
export const eventTypes = [
  'revision',
  'version',
  'join',
  'leave',
  'forget',
  'ack',
  'nack',
  'health',
  'verdict',
  'expiry_paused',
  'expiry_resumed',
  'problem',
] as const;
export type EventType = (typeof eventTypes)[number];

/** What is told of an event, beside the time. It must hold no secret. */
export type EventData = Readonly<Record<string, unknown>>;

/** One thing that has happened, in the words of server-sent events. */
export interface RecordedEvent {
  /** Counts from 1 within the epoch of its log. */
  readonly number: number;
  readonly type: EventType;
  /** Made once, for every listener: id, event, data and the empty line at the end. */
  readonly frame: string;
}
