/** A limit on client connections that holds for several engines together. */
export interface ClientLimit {
  /** A client has connected. False when there are too many; then it does not count, and is to be refused. */
  enter(): boolean;
  /** One that was let in is gone. */
  leave(): void;
}
