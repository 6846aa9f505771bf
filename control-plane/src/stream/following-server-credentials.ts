import { ServerCredentials } from '@grpc/grpc-js';
import type { ReadableValue } from '@headgate/shared/latest-value';
import { secureContextOptions } from '@headgate/shared/tls/secure-context-options';
import type { ServerTlsMaterial } from '@headgate/shared/tls/tls-material';
import { tlsServerOptions } from '@headgate/shared/tls/tls-server-options';

/**
 * Credentials of a gRPC server that follow its TLS material: new connections get the newest, streams live on. grpc-js'
 * own certificate providers are no choice, because they refuse every new connection while the files are bad.
 */
export class FollowingServerCredentials extends ServerCredentials {
  readonly #stop: () => void;

  constructor(material: ReadableValue<ServerTlsMaterial>) {
    super(tlsServerOptions(material.value), secureContextOptions(material.value));
    this.#stop = material.subscribe((newest) => this.updateSecureContextOptions(secureContextOptions(newest)));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }

  /** The material stays as it is from now on. */
  close(): void {
    this.#stop();
  }
}
