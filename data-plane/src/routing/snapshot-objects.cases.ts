import { resolveBackend, type Backend } from '@headgate/shared/model/backend';
import { balanceDefaults } from '@headgate/shared/model/balance';
import { resolveHealthCheck, type HealthCheck } from '@headgate/shared/model/health-check';
import type { Host, Route } from '@headgate/shared/model/host';
import { resolveServer, type Server } from '@headgate/shared/model/server';
import type { ObjectKey, SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import type { SnapshotChange } from './serving-table.ts';

/** Objects of snapshots for tests: valid, unless told otherwise. */
export function backend(name: string, settings: Partial<Backend> = {}): SnapshotObject {
  const value = {
    ...resolveBackend({ name }),
    ...settings,
  };
  return { kind: 'backend', value };
}

/** The settings of a backend that is balanced that way. */
export function balanced(algorithm: string): Pick<Backend, 'balance'> {
  return { balance: { ...balanceDefaults, algorithm } };
}

export function server(owner: string, port: number, settings: Partial<Server> = {}): SnapshotObject {
  return { kind: 'server', value: { ...resolveServer(owner, { address: '10.0.0.1', port }), ...settings } };
}

/** Routes are names of backends, which get everything, or whole routes. */
export function host(pattern: string, ...routes: readonly (string | Route)[]): SnapshotObject {
  const spelledOut = routes.map((route) => (typeof route === 'string' ? { path: undefined, backend: route } : route));
  const value: Host = { pattern, routes: spelledOut };
  return { kind: 'host', value };
}

export function healthCheck(settings: Partial<HealthCheck> = {}): HealthCheck {
  return withSettings(resolveHealthCheck({ type: 'tcp' }), settings);
}

export function httpCheck(settings: Partial<HealthCheck> = {}): HealthCheck {
  return withSettings(resolveHealthCheck({ type: 'http' }), settings);
}

/** The interval while a server is down is the other one, unless it is told. */
function withSettings(check: HealthCheck, settings: Partial<HealthCheck>): HealthCheck {
  return { ...check, downIntervalMs: settings.intervalMs ?? check.downIntervalMs, ...settings };
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
