/** How long a new key is only read before cookies are made with it, so that every data plane has it by then. */
export const CONVERGENCE_MS = 60_000;
/** How long a former key is still read, unless a rotation says otherwise. */
export const DEFAULT_GRACE_MS = 24 * 3_600_000;

interface CommonKey {
  /** 4 letters and digits; stands in every cookie that is made with the key. */
  readonly id: string;
  /** 32 bytes. It reaches data planes and the store, and no answer, log or error. */
  readonly secret: Buffer;
  /** Unix time in milliseconds. */
  readonly createdAt: number;
}

/** A key that session cookies are made and read with. */
export type SessionKey =
  /** New: cookies are read with it, and soon made. `graceMs` is for the key that it replaces. */
  | (CommonKey & { readonly state: 'accepted'; readonly graceMs: number })
  /** Cookies are made and read with it. */
  | (CommonKey & { readonly state: 'issuing' })
  /** Former: cookies are read with it until then, Unix time in milliseconds. */
  | (CommonKey & { readonly state: 'retiring'; readonly expiresAt: number });

/** Every key that holds, the newest first. Empty before the first was made; else exactly one is issuing. */
export type SessionKeySet = readonly SessionKey[];
