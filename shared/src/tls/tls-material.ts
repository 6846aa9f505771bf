/** What one side shows: a certificate and the key that proves it. The key must reach no log. */
export interface TlsIdentity {
  /** PEM: the own certificate, then the intermediate ones. */
  readonly certificateChain: Buffer;
  /** PEM. */
  readonly key: Buffer;
  /** `O=Example, CN=api.example.com`. */
  readonly subject: string;
  /** SHA-256 of the own certificate, in hexadecimal with colons. */
  readonly fingerprint: string;
  /** Unix time of the own certificate's validity. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Whose certificates are believed. */
export interface TlsAuthorities {
  /** PEM. */
  readonly certificates: Buffer;
  readonly subjects: readonly string[];
  /** When the last of them expires, Unix time. */
  readonly notAfterMs: number;
}

/** The checked content of TLS files: it parses, and the key belongs to the certificate. */
export interface TlsMaterial {
  readonly identity?: TlsIdentity | undefined;
  readonly authorities?: TlsAuthorities | undefined;
}

export interface ServerTlsMaterial extends TlsMaterial {
  readonly identity: TlsIdentity;
}

/** What logs may show of it. */
export function describeTlsMaterial({ identity, authorities }: TlsMaterial): Readonly<Record<string, unknown>> {
  return {
    ...(identity && {
      subject: identity.subject,
      fingerprint: identity.fingerprint,
      notAfter: new Date(identity.notAfterMs).toISOString(),
    }),
    ...(authorities && { authorities: authorities.subjects.length }),
  };
}
