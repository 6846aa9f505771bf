import { resolveConsulSource } from '@headgate/shared/model/consul-source';
import { resolveDnsSource } from '@headgate/shared/model/dns-source';
import { resolveKubernetesSource } from '@headgate/shared/model/kubernetes-source';
import type { SourceDocument } from '@headgate/shared/model/sources';
import { createConsulSource } from './consul/create-consul-source.ts';
import { createDnsSource } from './dns/create-dns-source.ts';
import { createKubernetesSource, type KubernetesOptions } from './kubernetes/kubernetes-source.ts';
import type { ServerSource, ServerSourceContext } from './source.ts';

/** The source that a document describes. `kubernetes`: where this process finds its own cluster. */
export function createServerSource(
  document: SourceDocument,
  context: ServerSourceContext,
  { kubernetes }: { readonly kubernetes: KubernetesOptions },
): ServerSource {
  switch (document.type) {
    case 'consul':
      return createConsulSource(resolveConsulSource(document), context);
    case 'dns':
      return createDnsSource(resolveDnsSource(document), context);
    case 'kubernetes':
      return createKubernetesSource(resolveKubernetesSource(document), context, kubernetes);
  }
}
