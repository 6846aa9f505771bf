import { FleetRegister } from '@headgate/control-plane/fleet/fleet-register';
import type { DataPlaneRecord, DataPlaneState } from '@headgate/control-plane/fleet/fleet-state';
import { stateOf } from '@headgate/control-plane/fleet/state-of';
import { ConfigurationHistory } from '@headgate/control-plane/snapshot/configuration-history.cases';
import type { SessionKeySet } from '@headgate/control-plane/session-keys/session-key';
import type { SnapshotLog } from '@headgate/control-plane/snapshot/snapshot-log';
import type { JoinTokenCheck } from '@headgate/control-plane/stream/join-token';
import { StreamServer, type StreamLimits } from '@headgate/control-plane/stream/stream-server';
import type { Applier, Prepared } from '@headgate/data-plane/sync/applier';
import type { RestoredSnapshot } from '@headgate/data-plane/routing/restored-snapshot';
import { ServingState } from '@headgate/data-plane/routing/serving-state';
import type { SnapshotChange } from '@headgate/data-plane/routing/serving-table';
import { ControlPlaneClient, type ClientTiming } from '@headgate/data-plane/sync/control-plane-client';
import { DeviationSet } from '@headgate/data-plane/sync/deviation-set.cases';
import { SnapshotKeeper } from '@headgate/data-plane/sync/snapshot-keeper';
import { StatusBoard } from '@headgate/data-plane/sync/status-board';
import type { SyncStatus } from '@headgate/data-plane/sync/sync-status';
import { DrainTimers } from '@headgate/data-plane/upstream/drain-timers';
import { ServerSlots } from '@headgate/data-plane/upstream/server-slots';
import { systemClock } from '@headgate/shared/clock';
import { LatestValue } from '@headgate/shared/latest-value';
import { createLogger } from '@headgate/shared/logger';
import { Registry } from 'prom-client';

const logger = createLogger('test', 'silent');

function onlyToken(good: string): JoinTokenCheck {
  const { signal } = new AbortController();
  return { authenticate: (token) => (token === good ? signal : undefined) };
}

export interface UpperEndOptions {
  readonly history?: ConfigurationHistory;
  readonly log?: SnapshotLog;
  readonly joinToken?: string;
  readonly port?: number;
  readonly limits?: Partial<StreamLimits>;
}

/** The control plane's end of the stream: everything from the snapshots on. */
export class UpperEnd {
  readonly history: ConfigurationHistory;
  readonly register: FleetRegister;
  readonly metrics = new Registry();
  readonly #log: SnapshotLog;
  readonly #server: StreamServer;
  port = 0;

  private constructor(options: UpperEndOptions) {
    this.history = options.history ?? new ConfigurationHistory('own');
    this.#log = options.log ?? this.history.log;
    this.register = new FleetRegister({ newest: this.#log.latest, clock: systemClock });
    this.#server = new StreamServer({
      address: { host: '127.0.0.1', port: options.port ?? 0 },
      joinTokens: options.joinToken === undefined ? undefined : onlyToken(options.joinToken),
      log: this.#log,
      sessionKeys: new LatestValue<SessionKeySet>([]),
      register: this.register,
      logger,
      registry: this.metrics,
      softwareVersion: '1.0.0',
      limits: { drainMs: 200, ...options.limits },
    });
  }

  static async open(options: UpperEndOptions = {}): Promise<UpperEnd> {
    const end = new UpperEnd(options);
    end.port = (await end.#server.start()).port;
    return end;
  }

  record(id: string): DataPlaneRecord | undefined {
    return this.register.fleet.value.get(id);
  }

  state(id: string): DataPlaneState | undefined {
    const record = this.record(id);
    return record && stateOf(record, this.#log.latest.value.id);
  }

  /** Updates sent so far, by kind. */
  async sent(kind: 'full' | 'delta'): Promise<number> {
    const { values } = await this.metrics.getSingleMetric('headgate_stream_updates_total')!.get();
    return values.find(({ labels }) => labels['kind'] === kind)?.value ?? 0;
  }

  async close(): Promise<void> {
    await this.#server.close();
    this.register.close();
  }
}

export interface LowerEndOptions {
  readonly id?: string;
  readonly ports: readonly number[];
  readonly joinToken?: string;
  readonly timing?: Partial<ClientTiming>;
}

/** The data plane's end of the stream: everything up to the table that requests are served by. */
export class LowerEnd implements Applier {
  readonly slots = new ServerSlots();
  readonly deviations = new DeviationSet();
  readonly serving: ServingState;
  readonly keeper: SnapshotKeeper;
  readonly client: ControlPlaneClient;
  /** Changes that were to be applied. */
  readonly changes: SnapshotChange[] = [];
  /** Applying waits for this. */
  gate: Promise<void> = Promise.resolve();
  readonly #board: StatusBoard;

  constructor(options: LowerEndOptions) {
    this.serving = new ServingState({
      slots: this.slots,
      drains: new DrainTimers({ slots: this.slots, clock: systemClock }),
    });
    this.keeper = new SnapshotKeeper({ applier: this, clock: systemClock, logger });
    this.#board = new StatusBoard({ clock: systemClock, logger, registry: new Registry() });
    this.client = new ControlPlaneClient({
      controlPlanes: options.ports.map((port) => ({ host: '127.0.0.1', port })),
      joinToken: options.joinToken,
      identity: { id: options.id ?? 'dp', labels: {}, softwareVersion: '1.0.0', threads: 1 },
      keeper: this.keeper,
      board: this.#board,
      deviations: this.deviations,
      explain: (question) => ({ asked: question }),
      logger,
      timing: { backoffBaseMs: 10, backoffMaxMs: 50, ...options.timing },
    });
  }

  get status(): SyncStatus {
    return this.#board.status.value;
  }

  /** The version that requests are served by. */
  get version(): number {
    return this.serving.table.value.id.version;
  }

  async prepare(change: SnapshotChange): Promise<Prepared> {
    this.changes.push(change);
    await this.gate;
    return this.serving.prepare(change);
  }

  restore(snapshot: RestoredSnapshot): Promise<Prepared> {
    return this.serving.restore(snapshot);
  }

  /** Holds up applying until the returned function is called. */
  shutGate(): () => void {
    let open: () => void = () => undefined;
    this.gate = new Promise((resolve) => (open = resolve));
    return open;
  }
}
