/** What a data plane holds, as Hello says it. */
export interface Held {
  readonly epoch: string;
  readonly version: number;
  readonly digest: Buffer;
}

export const nothingHeld: Held = { epoch: '', version: 0, digest: Buffer.alloc(0) };
