import type { OwnAnswer } from '../forwarder.ts';

/** What a connection of a client is busy with, and told. */
export interface ClientRequest {
  /** Content of the request. The bytes are overwritten by the next ones: what is to stay has to be copied. */
  content(bytes: Buffer, from: number, to: number): void;
  contentComplete(trailers: readonly string[]): void;
  /** What comes as content is no valid HTTP. */
  contentFault(answer: OwnAnswer): void;
  /** All that has come so far has been told. */
  flush(): void;
  /** The system takes more of the answer again. */
  clientDrained(): void;
  /** The client has ended its side (FIN). Whether the connection goes on all the same. */
  clientEnded(): boolean;
  /** The connection is gone. */
  clientLost(): void;
  /** The time that was set on the connection's timer is over. */
  expired(): void;
}
