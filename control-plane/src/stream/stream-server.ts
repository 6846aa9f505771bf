import { Server, ServerCredentials, type ServerOptions } from '@grpc/grpc-js';
import { ControlPlaneServiceService } from '@headgate/proto/generated/headgate/v1/control_plane';
import { systemClock, type Clock } from '@headgate/shared/clock';
import type { ReadableValue } from '@headgate/shared/latest-value';
import type { Logger } from '@headgate/shared/logger';
import type { ServerTlsMaterial } from '@headgate/shared/tls/tls-material';
import type { Registry } from 'prom-client';
import type { FleetLoad } from '../fleet/fleet-load.ts';
import { FleetQuestions } from '../fleet/fleet-questions.ts';
import type { FleetRegister } from '../fleet/fleet-register.ts';
import type { SessionKeySet } from '../session-keys/session-key.ts';
import type { SnapshotLog } from '../snapshot/snapshot-log.ts';
import type { HandshakeFailures } from '../transport/handshake-failures.ts';
import { DataPlaneStream } from './data-plane-stream.ts';
import { FollowingServerCredentials } from './following-server-credentials.ts';
import { addHealthService } from './health-service.ts';
import { joinTokenOf, type JoinTokenCheck } from './join-token.ts';
import { statusOf, type Refusal, type RefusalCode } from './refusal.ts';
import { SessionRegistry } from './session-registry.ts';
import type { StreamContext } from './stream-context.ts';
import { createStreamMetrics } from './stream-metrics.ts';
import { StreamWire, type ByteStream } from './stream-wire.ts';
import { UpdateCache } from './update-cache.ts';
import { watchConnections } from './watch-connections.ts';

export interface StreamServerOptions {
  /** Port 0 takes a free one. */
  readonly address: { readonly host: string; readonly port: number };
  /** undefined lets everyone in; only where every address is loopback. */
  readonly joinTokens: JoinTokenCheck | undefined;
  /** Counts a bad join token: 0, or how long its sender is to wait, in milliseconds, when there were too many. */
  readonly countBadToken?: (remote: string) => number;
  /** Told of every stream that was refused for its token, for the audit log. */
  readonly onBadToken?: (refusal: { readonly remote: string; readonly code: RefusalCode }) => void;
  readonly log: SnapshotLog;
  /** With their secrets: every data plane has them. */
  readonly sessionKeys: ReadableValue<SessionKeySet>;
  readonly register: FleetRegister;
  /** Told of requests in flight. Default: data planes are not asked for them. */
  readonly load?: Pick<FleetLoad, 'report'> | undefined;
  /** Where streams put themselves in to be asked. Default: nobody asks. */
  readonly questions?: FleetQuestions;
  readonly logger: Logger;
  /** Where its metrics go. */
  readonly registry: Registry;
  readonly softwareVersion: string;
  readonly clock?: Clock;
  readonly limits?: Partial<StreamLimits>;
  /** With it, TLS is spoken and nothing else. Whether clients must show a certificate stays as it is at the start. */
  readonly tls?: ReadableValue<ServerTlsMaterial> | undefined;
  /** Told of connections that never become usable. */
  readonly handshakes?: HandshakeFailures;
}

export interface StreamLimits {
  /** Streams at once; further ones are refused. Default 5,000. */
  readonly streams: number;
  /** Default 5 s. */
  readonly helloTimeoutMs: number;
  /** A message of a data plane that is larger ends its stream. Default 1 MiB. */
  readonly messageBytes: number;
  /** Silence after which the peer is asked whether it is still there. Default 15 s. */
  readonly keepaliveTimeMs: number;
  /** Silence after that by which it is given up. Default 10 s. */
  readonly keepaliveTimeoutMs: number;
  /** How long `close` waits for streams to end by themselves. Default 2 s. */
  readonly drainMs: number;
}

const limitDefaults: StreamLimits = {
  streams: 5_000,
  helloTimeoutMs: 5_000,
  messageBytes: 1_048_576,
  keepaliveTimeMs: 15_000,
  keepaliveTimeoutMs: 10_000,
  drainMs: 2_000,
};

/** Updates are encoded once for all streams, and what comes in is decoded where its faults can be answered. */
const connect = {
  ...ControlPlaneServiceService.connect,
  requestSerialize: (bytes: Buffer): Buffer => bytes,
  requestDeserialize: (bytes: Buffer): Buffer => bytes,
  responseSerialize: (bytes: Buffer): Buffer => bytes,
  responseDeserialize: (bytes: Buffer): Buffer => bytes,
};

/** The gRPC listener that data planes connect to. */
export class StreamServer {
  readonly #options: StreamServerOptions;
  readonly #limits: StreamLimits;
  readonly #context: StreamContext;
  readonly #registry: SessionRegistry;
  readonly #server: Server;
  readonly #streams = new Set<DataPlaneStream>();
  #stopFollowing: () => void = () => undefined;
  #closing = false;

  constructor(options: StreamServerOptions) {
    this.#options = options;
    this.#limits = { ...limitDefaults, ...options.limits };
    this.#context = contextOf(options, () => this.#streams.size);
    this.#registry = new SessionRegistry(this.#context);
    this.#server = new Server(serverOptions(this.#limits));
    this.#server.addService({ connect }, { connect: (stream: ByteStream) => this.#accept(stream) });
    addHealthService(this.#server);
  }

  /** Resolves with the address once it listens. Rejects when the address cannot be bound. */
  async start(): Promise<{ readonly host: string; readonly port: number }> {
    const { host, port } = this.#options.address;
    const target = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    const bound = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(target, this.#credentials(), (error, actual) =>
        error === null ? resolve(actual) : reject(error),
      );
    });
    const { handshakes } = this.#options;
    if (handshakes !== undefined) watchConnections(this.#server, handshakes);
    return { host, port: bound };
  }

  /** Ends every stream with UNAVAILABLE, so that data planes look for another control plane, and stops listening. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const stream of [...this.#streams]) stream.end(shuttingDown);
    this.#registry.close();
    await this.#drained();
    this.#stopFollowing();
  }

  /**
   * Resolves when every connection has ended, or when the time for that is over and they were cut. gRPC's own word is not
   * waited for then: it does not come when a connection was being given up at that moment.
   */
  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#context.clock.after(this.#limits.drainMs, () => {
        this.#server.forceShutdown();
        resolve();
      });
      this.#server.tryShutdown(() => {
        cancel();
        resolve();
      });
    });
  }

  #credentials(): ServerCredentials {
    const { tls } = this.#options;
    if (tls === undefined) return ServerCredentials.createInsecure();
    const credentials = new FollowingServerCredentials(tls);
    this.#stopFollowing = () => credentials.close();
    return credentials;
  }

  #accept(call: ByteStream): void {
    const admission = this.#admit(call);
    if ('code' in admission) {
      this.#context.metrics.refusals.inc({ code: admission.code });
      this.#context.logger.warn({ peer: call.getPeer(), refusal: admission }, 'a stream is refused');
      call.emit('error', statusOf(admission));
      return;
    }
    const wire = new StreamWire(call);
    const { helloTimeoutMs } = this.#limits;
    const stream = new DataPlaneStream({ wire, context: this.#context, registry: this.#registry, helloTimeoutMs });
    this.#streams.add(stream);
    const end = (): void => stream.end(replaced);
    admission.ended?.addEventListener('abort', end, { once: true });
    wire.onClose(() => {
      this.#streams.delete(stream);
      admission.ended?.removeEventListener('abort', end);
    });
    stream.start();
  }

  #admit(call: ByteStream): Admission | Refusal {
    const { joinTokens } = this.#options;
    const token = joinTokenOf(call.metadata);
    const ended = token === undefined ? undefined : joinTokens?.authenticate(token);
    if (joinTokens !== undefined && ended === undefined) return this.#badToken(remoteOf(call), token !== undefined);
    if (this.#closing) return shuttingDown;
    return this.#streams.size >= this.#limits.streams ? tooMany(this.#limits.streams) : { ended };
  }

  /** A stream without any token is no attempt to guess one. */
  #badToken(remote: string, isAttempt: boolean): Refusal {
    const waitMs = isAttempt ? (this.#options.countBadToken?.(remote) ?? 0) : 0;
    const refusal = waitMs === 0 ? unauthenticated : tooManyAttempts(waitMs);
    this.#options.onBadToken?.({ remote, code: refusal.code });
    return refusal;
  }
}

/** A stream that is let in. */
interface Admission {
  /** Aborts when its join token is no longer accepted. */
  readonly ended: AbortSignal | undefined;
}

/** The peer's address without its port; an IPv6 address comes without brackets. */
function remoteOf(call: ByteStream): string {
  return call
    .getPeer()
    .replace(/:\d+$/, '')
    .replace(/^::ffff:(?=\d+\.)/i, '');
}

const unauthenticated: Refusal = {
  code: 'UNAUTHENTICATED',
  detail: 'the join token is missing or wrong; set HEADGATE_JOIN_TOKEN to the one of the control plane',
};
const replaced: Refusal = {
  code: 'UNAUTHENTICATED',
  detail: 'the join token was replaced, and the time of the former is over; set HEADGATE_JOIN_TOKEN to the new one',
};
const shuttingDown: Refusal = { code: 'UNAVAILABLE', detail: 'the control plane is shutting down' };

function tooManyAttempts(waitMs: number): Refusal {
  const detail = `too many bad join tokens came from this address; wait ${Math.ceil(waitMs / 1_000)} s and send the right one`;
  return { code: 'RESOURCE_EXHAUSTED', detail };
}

function tooMany(streams: number): Refusal {
  return { code: 'RESOURCE_EXHAUSTED', detail: `the control plane has its limit of ${streams} streams` };
}

function contextOf(options: StreamServerOptions, openStreams: () => number): StreamContext {
  const { log, sessionKeys, register, logger, softwareVersion, clock = systemClock } = options;
  const { questions = new FleetQuestions(), load } = options;
  const cache = new UpdateCache(log);
  const metrics = createStreamMetrics(options.registry, { openStreams, encodedUpdates: () => cache.size });
  return { log, cache, sessionKeys, register, load, questions, logger, softwareVersion, clock, metrics };
}

function serverOptions(limits: StreamLimits): ServerOptions {
  return {
    'grpc.max_receive_message_length': limits.messageBytes,
    'grpc.keepalive_time_ms': limits.keepaliveTimeMs,
    'grpc.keepalive_timeout_ms': limits.keepaliveTimeoutMs,
    // For one connection: a data plane needs one, and one more while it replaces a stream.
    'grpc.max_concurrent_streams': 16,
  };
}
