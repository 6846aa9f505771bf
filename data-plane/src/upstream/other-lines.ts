/** What the queue of a backend has to know of the queues that other threads have for it, and tell them. */
export interface OtherLines {
  /** Somebody wants to wait. False when as many do as there may be, over all threads. */
  enter(most: number): boolean;
  /** Somebody waits no more. */
  leave(): void;
  /** Since when the one waits who comes first of those who can use any server, by the clock of all threads; 0: nobody. */
  head(sinceMs: number): void;
  /** Whether somebody has waited for longer in another thread: what is free is his. */
  isBehind(sinceMs: number): boolean;
  /** Something has come free: if the one who has waited longest is in another thread, it is told. */
  wakeFirst(): void;
}
