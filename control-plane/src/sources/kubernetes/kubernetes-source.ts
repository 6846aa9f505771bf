import type { KubernetesSource } from '@headgate/shared/model/kubernetes-source';
import type { ServerSource, ServerSourceContext } from '../source.ts';
import type { Cluster } from './cluster.ts';
import { kubeconfigCluster } from './kubeconfig-cluster.ts';
import { ownCluster, type OwnClusterOptions } from './own-cluster.ts';
import { SlicesFollower } from './slices-follower.ts';

export interface KubernetesOptions {
  /** KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT. Default: this process runs in no cluster. */
  readonly address?: OwnClusterOptions['address'];
  /** Of the pod's service account. Default: where Kubernetes mounts it. */
  readonly serviceAccountDirectory?: string | undefined;
  /** How long a watch lasts at most. Default 120; one that has fallen silent is noticed 10 s later. */
  readonly watchSeconds?: number | undefined;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Servers from the EndpointSlices of a Kubernetes Service, of this cluster or of another one. */
export function createKubernetesSource(
  source: KubernetesSource,
  context: ServerSourceContext,
  options: KubernetesOptions = {},
): ServerSource {
  const cluster = clusterOf(source, context, options);
  return new SlicesFollower({ source, cluster, watchSeconds: options.watchSeconds ?? 120 }, context);
}

function clusterOf(source: KubernetesSource, context: ServerSourceContext, options: KubernetesOptions): Cluster {
  if (source.kubeconfig !== '') {
    const secret = (name: string): Promise<Buffer> => context.secret(name);
    return kubeconfigCluster({ kubeconfig: source.kubeconfig, context: source.context, secret });
  }
  return ownCluster({ address: options.address, directory: options.serviceAccountDirectory ?? SERVICE_ACCOUNT });
}
