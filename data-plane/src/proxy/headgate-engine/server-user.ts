/** Who waits for a connection to a server to stand. */
export interface ConnectionSeeker {
  connected(): void;
  connectFailed(): void;
  /** The server has left the configuration and its drain time is over: end at once. */
  cut(): void;
}

/** Who uses a connection to a server, and what it is told. */
export interface ServerUser {
  /** The bytes are overwritten by the next ones: what is to stay has to be copied. */
  fromServer(bytes: Buffer, length: number): void;
  /** The server has ended its side (FIN). */
  serverEnded(): void;
  /** The connection is gone without that. */
  serverLost(): void;
  /** The system takes more of the request again. */
  serverDrained(): void;
  /** The server has left the configuration and its drain time is over: end at once. */
  cut(): void;
}
