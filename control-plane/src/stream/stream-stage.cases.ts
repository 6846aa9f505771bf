import type { ChannelCredentials } from '@grpc/grpc-js';
import { LatestValue } from '@headgate/shared/latest-value';
import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import { Registry } from 'prom-client';
import { FleetLoad } from '../fleet/fleet-load.ts';
import { FleetQuestions } from '../fleet/fleet-questions.ts';
import { FleetRegister } from '../fleet/fleet-register.ts';
import type { DataPlaneRecord, DataPlaneState } from '../fleet/fleet-state.ts';
import { stateOf } from '../fleet/state-of.ts';
import type { SessionKeySet } from '../session-keys/session-key.ts';
import { ConfigurationHistory } from '../snapshot/configuration-history.cases.ts';
import { RawDataPlane } from './raw-data-plane.cases.ts';
import { StreamServer, type StreamServerOptions } from './stream-server.ts';

export type StreamStageOptions = Partial<
  Pick<StreamServerOptions, 'joinTokens' | 'countBadToken' | 'onBadToken' | 'limits' | 'tls' | 'handshakes' | 'load'>
>;

/** A stream server on a port of its own, with a store behind it and data planes in front, for tests. */
export class StreamStage {
  readonly clock = new ManualClock();
  readonly metrics = new Registry();
  /** None at first. */
  readonly sessionKeys = new LatestValue<SessionKeySet>([]);
  readonly history: ConfigurationHistory;
  readonly register: FleetRegister;
  readonly load: FleetLoad;
  readonly questions = new FleetQuestions();
  readonly server: StreamServer;
  readonly #peers: RawDataPlane[] = [];
  #port = 0;

  private constructor({ joinTokens, limits = {}, ...others }: StreamStageOptions) {
    this.history = new ConfigurationHistory('own');
    this.register = new FleetRegister({ newest: this.history.log.latest, clock: this.clock });
    this.load = new FleetLoad({ register: this.register });
    this.server = new StreamServer({
      address: { host: '127.0.0.1', port: 0 },
      joinTokens,
      load: this.load,
      ...others,
      log: this.history.log,
      sessionKeys: this.sessionKeys,
      register: this.register,
      questions: this.questions,
      logger: createLogger('test', 'silent'),
      registry: this.metrics,
      softwareVersion: '1.0.0',
      clock: this.clock,
      limits,
    });
  }

  static async open(options: StreamStageOptions = {}): Promise<StreamStage> {
    const stage = new StreamStage(options);
    stage.#port = (await stage.server.start()).port;
    return stage;
  }

  get port(): number {
    return this.#port;
  }

  connect(token?: string, credentials?: ChannelCredentials): RawDataPlane {
    const peer = new RawDataPlane({ port: this.#port, token, credentials });
    this.#peers.push(peer);
    return peer;
  }

  record(id: string): DataPlaneRecord | undefined {
    return this.register.fleet.value.get(id);
  }

  state(id: string): DataPlaneState | undefined {
    const record = this.record(id);
    return record && stateOf(record, this.history.newest.id);
  }

  async metric(name: string): Promise<number> {
    const { values } = await this.metrics.getSingleMetric(name)!.get();
    return values.reduce((sum, { value }) => sum + value, 0);
  }

  async close(): Promise<void> {
    for (const peer of this.#peers) peer.close();
    const closed = this.server.close();
    this.clock.advance(60_000);
    await closed;
    this.register.close();
  }
}
