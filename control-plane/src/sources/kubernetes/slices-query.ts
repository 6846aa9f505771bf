import type { KubernetesSource } from '@headgate/shared/model/kubernetes-source';
import type { ClusterAccess } from './cluster.ts';

/** Slices of one page of a list: at most 100 endpoints each, unless the cluster is told otherwise. */
const PAGE = 100;

export type FollowedService = Pick<KubernetesSource, 'service' | 'namespace'>;

/** The path of one page of the list; `after` is the token that the page before ended with, "" for the first page. */
export function listPath(namespace: string, service: string, after: string): string {
  return pathOf(namespace, service, { limit: String(PAGE), ...(after !== '' && { continue: after }) });
}

/** The path of a watch for what comes after a version. */
export function watchPath(namespace: string, service: string, watch: WatchRange): string {
  return pathOf(namespace, service, {
    watch: '1',
    allowWatchBookmarks: 'true',
    resourceVersion: watch.after,
    timeoutSeconds: String(watch.seconds),
  });
}

export interface WatchRange {
  readonly after: string;
  /** When the server is to end it. */
  readonly seconds: number;
}

/** Where the Service is looked for. */
export function namespaceOf({ namespace }: FollowedService, access: ClusterAccess): string {
  return namespace === '' ? access.namespace : namespace;
}

function pathOf(namespace: string, service: string, parameters: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams({ labelSelector: `kubernetes.io/service-name=${service}`, ...parameters });
  return `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices?${query.toString()}`;
}
