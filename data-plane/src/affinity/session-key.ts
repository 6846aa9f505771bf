/** A key that session cookies are made and read with. */
export interface SessionKey {
  /** 1 to 16 letters and digits; stands in every cookie that is made with it. */
  readonly id: string;
  /** 32 bytes. It must reach no answer, no log and no error. */
  readonly secret: Buffer;
  /** New cookies are made with it: at most one of a set. The others are only read. */
  readonly issuing: boolean;
}

/** Every key that holds. Without any there are no sessions. */
export type SessionKeySet = readonly SessionKey[];
