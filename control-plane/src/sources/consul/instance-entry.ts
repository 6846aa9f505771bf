import type { ConsulSource } from '@headgate/shared/model/consul-source';
import { echoText } from '@headgate/shared/model/echo-value';
import { isName } from '@headgate/shared/model/name';
import type { SourceEntry } from '../source.ts';
import { instanceLabels } from './instance-labels.ts';

/** An instance of a service, in whichever way Consul told of it. */
export interface ConsulInstance {
  readonly node: string;
  readonly nodeAddress: string;
  readonly datacenter: string;
  /** Unique on its node. */
  readonly id: string;
  /** "" for that of the node. */
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  readonly weights: { readonly Passing: number; readonly Warning: number } | undefined;
  /** Of the instance and of its node; none in the catalog. */
  readonly checks: readonly { readonly id: string; readonly status: string }[];
}

const MAX_NAME = 200;
const MAX_WEIGHT = 1_000;

/** The server that an instance is. Whether its address and port can be those of a server is judged by who gets it. */
export function instanceEntry(source: ConsulSource, instance: ConsulInstance): SourceEntry {
  const labels = instanceLabels(instance);
  return {
    name: echoText(`${instance.node}/${instance.id}`, MAX_NAME),
    server: {
      address: instance.address === '' ? instance.nodeAddress : instance.address,
      port: instance.port,
      ...(source.weights === 'passing' && { weight: weightOf(instance) }),
      ...(isName(instance.datacenter) && { zone: instance.datacenter }),
      ...(Object.keys(labels).length > 0 && { labels }),
    },
    ...(isInMaintenance(instance) && { state: 'draining' }),
  };
}

/** Consul allows 0 for instances that warn, and more than 1,000: both are brought to what a server can have. */
function weightOf({ weights, checks }: ConsulInstance): number {
  const warns = checks.some(({ status }) => status === 'warning');
  const weight = Math.trunc((warns ? weights?.Warning : weights?.Passing) ?? 1);
  return Math.min(MAX_WEIGHT, Math.max(1, weight));
}

/** Consul tells of maintenance by a check that fails; it is seen only where such instances are not left out. */
function isInMaintenance({ checks }: ConsulInstance): boolean {
  return checks.some(({ id, status }) => {
    return status === 'critical' && (id === '_node_maintenance' || id.startsWith('_service_maintenance:'));
  });
}
