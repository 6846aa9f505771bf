/** What one of Node's parsers has read of a message. */
export interface NodeMessage {
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
  body: Buffer;
  rawTrailers: readonly string[];
  /** Whether it has come to its end. */
  complete: boolean;
}

export interface NodeRequest extends NodeMessage {
  readonly method: string;
  readonly target: string;
  readonly version: string;
}
