import { randomUUID } from 'node:crypto';
import { credentials, type ChannelCredentials } from '@grpc/grpc-js';
import type { Hello } from '@headgate/proto/generated/headgate/v1/control_plane';
import { backoffDelay } from '@headgate/shared/backoff';
import { systemClock, type Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import type { Explain } from './answer-request.ts';
import { knownFeatures } from './check-update.ts';
import { ControlPlaneStream, type ControlPlaneStreamOptions } from './control-plane-stream.ts';
import type { ControlPlaneTls } from './control-plane-tls.ts';
import type { DeviationSource } from './deviation-source.ts';
import { followingChannelCredentials } from './following-channel-credentials.ts';
import type { LoadSource } from './load-reporter.ts';
import type { SnapshotKeeper } from './snapshot-keeper.ts';
import type { StatusBoard } from './status-board.ts';
import { updateLimitDefaults, type UpdateLimits } from './update-assembly.ts';

export interface ControlPlaneClientOptions {
  /** Tried in turn; at least one. */
  readonly controlPlanes: readonly { readonly host: string; readonly port: number }[];
  readonly joinToken: string | undefined;
  /** Undefined for plain text. */
  readonly tls?: ControlPlaneTls | undefined;
  readonly identity: DataPlaneIdentity;
  readonly keeper: SnapshotKeeper;
  readonly board: StatusBoard;
  readonly deviations: DeviationSource;
  /** What control planes are told that want to know what is in flight; default nothing. */
  readonly load?: LoadSource;
  /** Where the keys of session cookies go; default nowhere. */
  readonly sessionKeys?: ControlPlaneStreamOptions['sessionKeys'];
  /** Answers the control plane's questions about requests. */
  readonly explain: Explain;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** From 0 (included) to 1. Default Math.random. */
  readonly random?: () => number;
  readonly limits?: Partial<UpdateLimits>;
  readonly timing?: Partial<ClientTiming>;
}

export interface DataPlaneIdentity {
  /** Unique among data planes: 1 to 253 printable ASCII characters without spaces. */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly softwareVersion: string;
  readonly threads: number;
}

export interface ClientTiming {
  /** Upper bound of the first pause between two attempts. Default 100 ms. */
  readonly backoffBaseMs: number;
  /** Upper bound of every pause. Default 5 s. */
  readonly backoffMaxMs: number;
  /** A stream that has stood for so long makes the next pause a first one. Default 5 s. */
  readonly steadyMs: number;
  /** From an attempt to connect to Welcome. Default 10 s. */
  readonly welcomeTimeoutMs: number;
  /** Silence after which the control plane is asked whether it is still there. Default 15 s. */
  readonly keepaliveTimeMs: number;
  /** Silence after that by which it is given up. Default 10 s. */
  readonly keepaliveTimeoutMs: number;
}

const timingDefaults: ClientTiming = {
  backoffBaseMs: 100,
  backoffMaxMs: 5_000,
  steadyMs: 5_000,
  welcomeTimeoutMs: 10_000,
  keepaliveTimeMs: 15_000,
  keepaliveTimeoutMs: 10_000,
};

/** Keeps a stream to one of the control planes, and serves on when there is none to reach. */
export class ControlPlaneClient {
  readonly #options: ControlPlaneClientOptions;
  readonly #clock: Clock;
  readonly #timing: ClientTiming;
  readonly #processUuid = randomUUID();
  readonly #credentials: ChannelCredentials;
  #stream: ControlPlaneStream | undefined;
  #cancelPause: () => void = () => undefined;
  /** Streams so far. */
  #turn = 0;
  /** Attempts since a stream last stood. */
  #attempt = 0;
  #closed = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ControlPlaneClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#timing = { ...timingDefaults, ...options.timing };
    this.#credentials =
      options.tls === undefined ? credentials.createInsecure() : followingChannelCredentials(options.tls.material);
  }

  /** Begins to connect, and goes on until `close`. */
  start(): void {
    this.#running = this.#run();
  }

  /** Ends the stream. Resolves when an update that is being applied is done. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelPause();
    this.#stream?.close('this data plane shuts down');
    await this.#running;
    await this.#options.keeper.idle();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      // What is held must not change between Hello and the first update.
      await this.#options.keeper.idle();
      if (this.#closed) return;
      await this.#connect();
      await this.#pause();
    }
  }

  async #connect(): Promise<void> {
    const { controlPlanes, board } = this.#options;
    const { host, port } = controlPlanes[this.#turn++ % controlPlanes.length]!;
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    const began = this.#clock.monotonic();
    board.connecting(address);
    const reason = await new Promise<string>((ended) => this.#open(address, ended));
    this.#stream = undefined;
    const steady = board.status.value.connected && this.#clock.monotonic() - began >= this.#timing.steadyMs;
    this.#attempt = steady ? 0 : this.#attempt + 1;
    if (!this.#closed) board.disconnected(address, reason);
  }

  #open(address: string, ended: (reason: string) => void): void {
    const { joinToken, tls, keeper, board, deviations, load, sessionKeys, explain } = this.#options;
    const { keepaliveTimeMs, keepaliveTimeoutMs, welcomeTimeoutMs } = this.#timing;
    this.#stream = new ControlPlaneStream(
      {
        wire: {
          address,
          credentials: this.#credentials,
          serverName: tls?.serverName,
          joinToken,
          keepaliveTimeMs,
          keepaliveTimeoutMs,
        },
        hello: this.#hello(),
        keeper,
        deviations,
        load,
        sessionKeys,
        explain,
        clock: this.#clock,
        limits: { ...updateLimitDefaults, ...this.#options.limits },
        welcomeTimeoutMs,
      },
      {
        welcomed: (welcome) => board.welcomed(welcome),
        applied: (id, full) => board.applied(id, full),
        refused: (id, faults) => board.refused(id, faults),
        ended,
      },
    );
  }

  #hello(): Hello {
    const { id, labels, softwareVersion, threads } = this.#options.identity;
    const { held } = this.#options.keeper.kept.value;
    return {
      dataPlaneId: id,
      processUuid: this.#processUuid,
      labels,
      ...held.id,
      digest: held.id.version === 0 ? Buffer.alloc(0) : held.digest.toBytes(),
      features: [...knownFeatures, 'explain'],
      softwareVersion,
      threads,
    };
  }

  #pause(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const { backoffBaseMs: baseMs, backoffMaxMs: maxMs } = this.#timing;
    const { random = Math.random } = this.#options;
    const delayMs = backoffDelay(Math.max(0, this.#attempt - 1), { baseMs, maxMs, random });
    return new Promise((resolve) => {
      const cancel = this.#clock.after(delayMs, resolve);
      this.#cancelPause = () => {
        cancel();
        resolve();
      };
    });
  }
}
