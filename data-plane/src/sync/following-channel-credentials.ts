import { experimental, type ChannelCredentials } from '@grpc/grpc-js';
import type { ReadableValue } from '@headgate/shared/latest-value';
import type { TlsMaterial } from '@headgate/shared/tls/tls-material';
import { systemAuthorities } from './system-authorities.ts';

/**
 * Credentials of gRPC channels that take the newest TLS material at each attempt to connect; connections that stand
 * live on. Without authorities of its own those of the system are believed.
 */
export function followingChannelCredentials(material: ReadableValue<TlsMaterial>): ChannelCredentials {
  const provider = new MaterialProvider(material);
  const showsCertificate = material.value.identity !== undefined;
  return experimental.createCertificateProviderChannelCredentials(provider, showsCertificate ? provider : null);
}

type AuthorityListener = experimental.CaCertificateUpdateListener;
type IdentityListener = experimental.IdentityCertificateUpdateListener;

class MaterialProvider implements experimental.CertificateProvider {
  readonly #material: ReadableValue<TlsMaterial>;
  readonly #stops = new Map<AuthorityListener | IdentityListener, () => void>();

  constructor(material: ReadableValue<TlsMaterial>) {
    this.#material = material;
  }

  addCaCertificateListener(listener: AuthorityListener): void {
    this.#add(listener, ({ authorities }) =>
      listener({ caCertificate: authorities?.certificates ?? systemAuthorities() }),
    );
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#add(listener, ({ identity }) =>
      listener(identity === undefined ? null : { certificate: identity.certificateChain, privateKey: identity.key }),
    );
  }

  removeCaCertificateListener(listener: AuthorityListener): void {
    this.#remove(listener);
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#remove(listener);
  }

  #add(listener: AuthorityListener | IdentityListener, tell: (material: TlsMaterial) => void): void {
    this.#stops.set(listener, this.#material.subscribe(tell));
  }

  #remove(listener: AuthorityListener | IdentityListener): void {
    this.#stops.get(listener)?.();
    this.#stops.delete(listener);
  }
}
