import { metricValue } from '@headgate/e2e/harness/metric-value';
import type { ControlPlaneProcess } from '@headgate/e2e/harness/control-plane-process';
import { constantRate } from '../load/constant-rate.ts';
import { databaseBytes } from '../machine/database-bytes.ts';
import { bytesWritten, processorMicros } from '../machine/process-cost.ts';
import { percentile } from '../percentile.ts';
import type { RegisteringServer } from './registering-server.ts';
import type { RegistrationWay } from './registration-requests.ts';

/** What heartbeats of one way cost a control plane. */
export interface HeartbeatCost {
  readonly way: string;
  /** Heartbeats that it has accepted. */
  readonly accepted: number;
  readonly seconds: number;
  readonly micros: number;
  /** Due → answered, of a request, in ms. */
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
  readonly versions: number;
  readonly bytesWritten: number;
  readonly databaseGrowth: number;
}

export interface HeartbeatOrder {
  readonly controlPlane: ControlPlaneProcess;
  readonly dataDir: string;
  readonly servers: readonly RegisteringServer[];
  /** Undefined: no heartbeats, for comparison. */
  readonly way: RegistrationWay | undefined;
  readonly perSecond: number;
  readonly seconds: number;
  readonly connections: number;
  /** Of the clients. */
  readonly cores: string;
}

/** Sends heartbeats of all servers in turn, at a constant rate, and says what they cost. */
export async function measureHeartbeats(order: HeartbeatOrder): Promise<HeartbeatCost> {
  const { way, seconds } = order;
  const before = await stateOf(order);
  const beaten = way === undefined ? await silence(seconds) : await beat(order, way);
  const after = await stateOf(order);
  return {
    way: way?.name ?? 'none',
    ...beaten,
    seconds: (after.at - before.at) / 1_000,
    accepted: after.accepted - before.accepted,
    micros: after.micros - before.micros,
    versions: after.version - before.version,
    bytesWritten: after.written - before.written,
    databaseGrowth: after.database - before.database,
  };
}

type Beaten = Pick<HeartbeatCost, 'p50' | 'p99' | 'failed'>;

async function beat(order: HeartbeatOrder, way: RegistrationWay): Promise<Beaten> {
  const { answers, failed } = await constantRate({
    port: Number(new URL(order.controlPlane.apiUrl).port),
    perSecond: order.perSecond / way.serversOfRequest,
    seconds: order.seconds,
    connections: order.connections,
    requests: way.requests(order.servers),
    cores: order.cores,
  });
  const took = answers.map(([, tookMs]) => tookMs);
  return { p50: percentile(took, 0.5), p99: percentile(took, 0.99), failed };
}

async function silence(seconds: number): Promise<Beaten> {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  return { p50: NaN, p99: NaN, failed: 0 };
}

async function stateOf({ controlPlane: { api, child }, dataDir }: HeartbeatOrder): Promise<{
  readonly at: number;
  readonly accepted: number;
  readonly version: number;
  readonly micros: number;
  readonly written: number;
  readonly database: number;
}> {
  const metrics = await api.request<string>('GET', '/metrics');
  return {
    accepted: metricValue(metrics.body, 'headgate_registration_heartbeats_total'),
    version: await newestVersion(api),
    database: await databaseBytes(dataDir),
    at: performance.now(),
    micros: processorMicros(child.pid),
    written: bytesWritten(child.pid),
  };
}

/** The version that data planes would get now. */
export async function newestVersion(api: ControlPlaneProcess['api']): Promise<number> {
  const { body } = await api.request<{ items: readonly { version: number }[] }>('GET', '/api/v1/versions');
  return body.items[0]?.version ?? NaN;
}
