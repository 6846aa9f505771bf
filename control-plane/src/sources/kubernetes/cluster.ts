import type { SecureContextOptions } from 'node:tls';

/** How a request reaches the API of a cluster, and as whom. */
export interface ClusterAccess {
  /** A name or an IP address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Who the certificate must be for; undefined for the host. */
  readonly servername: string | undefined;
  /** What every path begins with: "", or such as "/k8s/clusters/c-1" behind a gateway. */
  readonly basePath: string;
  /** Whom to believe, and the client's certificate if there is one. */
  readonly identity: Readonly<Pick<SecureContextOptions, 'ca' | 'cert' | 'key'>>;
  readonly token: string | undefined;
  /** The one that is meant where none is named. */
  readonly namespace: string;
}

/** A cluster that can be asked. */
export interface Cluster {
  /** What failures call it. It says nothing of what a kubeconfig holds. */
  readonly name: string;
  /**
   * Read anew for each request, because tokens and certificates are replaced while they are in use.
   * @throws SourceError
   */
  access(): Promise<ClusterAccess>;
}
