/** A file of TLS material, and the setting that names it. */
export interface TlsFile {
  /** `HEADGATE_API_TLS_KEY`; what messages blame. */
  readonly setting: string;
  readonly path: string;
}

/** A certificate and its key. One file may hold both. */
export interface IdentityFiles {
  /** PEM: the own certificate first, then the intermediate ones. */
  readonly certificate: TlsFile;
  /** PEM, without passphrase. */
  readonly key: TlsFile;
}

/** The files of one side of TLS connections. */
export interface TlsSources {
  readonly identity?: IdentityFiles | undefined;
  /**
   * PEM: whose certificates are believed. A server that has it demands a certificate of every client; a client that has
   * it believes nobody else.
   */
  readonly authorities?: TlsFile | undefined;
}

/** A server shows a certificate always. */
export interface ServerTlsSources extends TlsSources {
  readonly identity: IdentityFiles;
}

/** All files, in the order of messages. */
export function filesOf({ identity, authorities }: TlsSources): readonly TlsFile[] {
  return [identity?.certificate, identity?.key, authorities].filter((file) => file !== undefined);
}
