import { timeoutDefaults } from '@headgate/shared/model/timeouts';
import type { Backend } from '@headgate/shared/model/backend';
import type { HealthCheck } from '@headgate/shared/model/health-check';
import type { Host, Route } from '@headgate/shared/model/host';
import type { Server } from '@headgate/shared/model/server';
import type { ObjectKey, SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import type { SnapshotChange } from './serving-table.ts';

/** Objects of snapshots for tests: valid, unless told otherwise. */
export function backend(name: string, settings: Partial<Backend> = {}): SnapshotObject {
  const value = {
    name,
    algorithm: 'weighted_round_robin',
    healthCheck: undefined,
    timeouts: timeoutDefaults,
    requestBodyBytes: 0,
    via: true,
    ...settings,
  };
  return { kind: 'backend', value };
}

export function server(owner: string, port: number, settings: Partial<Server> = {}): SnapshotObject {
  return { kind: 'server', value: { backend: owner, address: '10.0.0.1', port, weight: 1, ...settings } };
}

/** Routes are names of backends, which get everything, or whole routes. */
export function host(pattern: string, ...routes: readonly (string | Route)[]): SnapshotObject {
  const spelledOut = routes.map((route) => (typeof route === 'string' ? { path: undefined, backend: route } : route));
  const value: Host = { pattern, routes: spelledOut };
  return { kind: 'host', value };
}

export function healthCheck(settings: Partial<HealthCheck> = {}): HealthCheck {
  return {
    type: 'tcp',
    path: '',
    intervalMs: 5_000,
    timeoutMs: 2_000,
    fall: 3,
    rise: 2,
    validStatuses: [],
    jitterPercent: 20,
    ...settings,
  };
}

export function httpCheck(settings: Partial<HealthCheck> = {}): HealthCheck {
  return healthCheck({ type: 'http', path: '/', validStatuses: [{ from: 200, to: 399 }], ...settings });
}

export function full(version: number, ...upserts: readonly SnapshotObject[]): SnapshotChange {
  return { id: { epoch: 'epoch', version }, full: true, upserts, removals: [] };
}

export function delta(
  version: number,
  change: { readonly upserts?: readonly SnapshotObject[]; readonly removals?: readonly ObjectKey[] },
): SnapshotChange {
  return {
    id: { epoch: 'epoch', version },
    full: false,
    upserts: change.upserts ?? [],
    removals: change.removals ?? [],
  };
}
