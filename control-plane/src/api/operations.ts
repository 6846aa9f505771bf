import { buildOpenApi } from './openapi/build-openapi.ts';
import type { Operation } from './operation.ts';
import { allowSource } from './operations/allow-source.ts';
import { createBackup } from './operations/create-backup.ts';
import { createBackend } from './operations/create-backend.ts';
import { createHost } from './operations/create-host.ts';
import { createRegistrations } from './operations/create-registrations.ts';
import { createServer } from './operations/create-server.ts';
import { createToken } from './operations/create-token.ts';
import { deleteBackend } from './operations/delete-backend.ts';
import { deleteHost } from './operations/delete-host.ts';
import { deleteOverride } from './operations/delete-override.ts';
import { deleteRegistration } from './operations/delete-registration.ts';
import { deleteSecret } from './operations/delete-secret.ts';
import { deleteServer } from './operations/delete-server.ts';
import { deleteToken } from './operations/delete-token.ts';
import { explain } from './operations/explain.ts';
import { forgetDataPlane } from './operations/forget-data-plane.ts';
import { getBackend } from './operations/get-backend.ts';
import { getConfiguration } from './operations/get-configuration.ts';
import { getConvergence } from './operations/get-convergence.ts';
import { getDataPlane } from './operations/get-data-plane.ts';
import { getHost } from './operations/get-host.ts';
import { getJoinToken } from './operations/get-join-token.ts';
import { getLayer } from './operations/get-layer.ts';
import { getLivez } from './operations/get-livez.ts';
import { getMetrics } from './operations/get-metrics.ts';
import { getOpenApi } from './operations/get-openapi.ts';
import { getOverride } from './operations/get-override.ts';
import { getReadyz } from './operations/get-readyz.ts';
import { getRevisionDiff } from './operations/get-revision-diff.ts';
import { getRevision } from './operations/get-revision.ts';
import { getSecret } from './operations/get-secret.ts';
import { getServerHealth } from './operations/get-server-health.ts';
import { getServer } from './operations/get-server.ts';
import { getToken } from './operations/get-token.ts';
import { getVersion } from './operations/get-version.ts';
import { listAudit } from './operations/list-audit.ts';
import { listBackendHealth } from './operations/list-backend-health.ts';
import { listBackups } from './operations/list-backups.ts';
import { listBackends } from './operations/list-backends.ts';
import { listDataPlanes } from './operations/list-data-planes.ts';
import { listHealth } from './operations/list-health.ts';
import { listHosts } from './operations/list-hosts.ts';
import { listLayers } from './operations/list-layers.ts';
import { listOverrides } from './operations/list-overrides.ts';
import { listRegistrations } from './operations/list-registrations.ts';
import { listRevisions } from './operations/list-revisions.ts';
import { listSecrets } from './operations/list-secrets.ts';
import { listServers } from './operations/list-servers.ts';
import { listSessionKeys } from './operations/list-session-keys.ts';
import { listSources } from './operations/list-sources.ts';
import { listTokens } from './operations/list-tokens.ts';
import { listVersions } from './operations/list-versions.ts';
import { listWarnings } from './operations/list-warnings.ts';
import { patchBackend } from './operations/patch-backend.ts';
import { patchHost } from './operations/patch-host.ts';
import { patchServer } from './operations/patch-server.ts';
import { postDocument } from './operations/post-document.ts';
import { putBackend } from './operations/put-backend.ts';
import { putConfiguration } from './operations/put-configuration.ts';
import { putHost } from './operations/put-host.ts';
import { putRegistration } from './operations/put-registration.ts';
import { putSecret } from './operations/put-secret.ts';
import { putServer } from './operations/put-server.ts';
import { rollback } from './operations/rollback.ts';
import { rotateJoinToken } from './operations/rotate-join-token.ts';
import { rotateSessionKeys } from './operations/rotate-session-keys.ts';
import { simulate } from './operations/simulate.ts';
import { streamEvents } from './operations/stream-events.ts';
import type { ApiRooms } from './rooms.ts';
import { addUpstream, postUpstream } from './upstream/add-upstream.ts';
import { getUpstreamStatus } from './upstream/get-upstream-status.ts';
import { postUpstreamRemoval, removeUpstream } from './upstream/remove-upstream.ts';

const skeletons = [
  ...[listBackends, createBackend, getBackend, putBackend, patchBackend, deleteBackend],
  ...[listServers, createServer, getServer, putServer, patchServer, deleteServer],
  ...[listRegistrations, createRegistrations, putRegistration, deleteRegistration],
  ...[addUpstream, postUpstream, removeUpstream, postUpstreamRemoval, getUpstreamStatus],
  ...[listOverrides, getOverride, deleteOverride],
  ...[listHosts, createHost, getHost, putHost, patchHost, deleteHost],
  ...[getConfiguration, putConfiguration, listWarnings, simulate],
  ...[listLayers, getLayer],
  ...[listRevisions, getRevision, getRevisionDiff, rollback],
  ...[listSecrets, getSecret, putSecret, deleteSecret],
  ...[listSessionKeys, rotateSessionKeys],
  ...[listBackups, createBackup],
  ...[listDataPlanes, getDataPlane, forgetDataPlane],
  ...[listHealth, listBackendHealth, getServerHealth, explain],
  ...[listSources, allowSource, postDocument],
  ...[listVersions, getVersion, getConvergence, streamEvents],
  ...[listTokens, createToken, getToken, deleteToken],
  ...[getJoinToken, rotateJoinToken, listAudit],
];

/** What the status listener serves, and the API too: probes and metrics, without a token. */
export function statusOperations(rooms: Pick<ApiRooms, 'readiness' | 'metrics'>): readonly Operation[] {
  return [getLivez(), getReadyz(rooms), getMetrics(rooms)];
}

/** The one registry: these are mounted, and these are described by OpenAPI. */
export function apiOperations(rooms: ApiRooms): readonly Operation[] {
  let document: unknown;
  const operations: readonly Operation[] = [
    ...skeletons.map((skeleton) => skeleton(rooms)),
    ...statusOperations(rooms),
    ...getOpenApi(() => (document ??= buildOpenApi(operations))),
  ];
  return operations;
}
