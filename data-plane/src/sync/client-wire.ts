import {
  Metadata,
  status,
  type ChannelCredentials,
  type ChannelOptions,
  type ClientDuplexStream,
  type ServiceError,
} from '@grpc/grpc-js';
import {
  ControlPlaneServiceClient,
  type ConnectRequest,
  type ConnectResponse,
} from '@headgate/proto/generated/headgate/v1/control_plane';
import { connectionHint } from './connection-hint.ts';

export interface ClientWireOptions {
  /** `host:port` */
  readonly address: string;
  readonly credentials: ChannelCredentials;
  /** The name that the certificate of the control plane must have; without it the host of the address. */
  readonly serverName?: string | undefined;
  readonly joinToken: string | undefined;
  readonly keepaliveTimeMs: number;
  readonly keepaliveTimeoutMs: number;
}

export interface WireListener {
  message(message: ConnectResponse): void;
  /** Once. The text is for logs and status; it holds no credentials. */
  closed(reason: string): void;
}

/** Chunks are 256 KiB and one object at most; the rest is for a later release. */
const MAX_MESSAGE_BYTES = 4 * 1_024 * 1_024;

/** One gRPC stream to one control plane, on a connection of its own. */
export class ClientWire {
  readonly #client: ControlPlaneServiceClient;
  readonly #stream: ClientDuplexStream<ConnectRequest, ConnectResponse>;
  readonly #listener: WireListener;
  readonly #waiting = new Set<(sent: boolean) => void>();
  #closed = false;

  constructor(options: ClientWireOptions, listener: WireListener) {
    this.#listener = listener;
    this.#client = new ControlPlaneServiceClient(options.address, options.credentials, channelOptions(options));
    this.#stream = this.#client.connect(metadataOf(options.joinToken));
    this.#stream.on('data', (message: ConnectResponse) => {
      if (!this.#closed) listener.message(message);
    });
    const overTls = options.credentials._isSecure();
    this.#stream.on('error', (error) => this.#close(reasonOf(error, overTls)));
    this.#stream.on('end', () => this.#close('the control plane has ended the stream'));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves when the message has left, or with false when the stream has ended. */
  send(message: NonNullable<ConnectRequest['message']>): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (sent: boolean): void => {
        this.#waiting.delete(settle);
        resolve(sent);
      };
      this.#waiting.add(settle);
      this.#stream.write({ message }, () => settle(true));
    });
  }

  /** Gives the stream up. */
  close(reason: string): void {
    this.#close(reason);
  }

  #close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const settle of [...this.#waiting]) settle(false);
    this.#stream.cancel();
    this.#client.close();
    this.#listener.closed(reason);
  }
}

function metadataOf(joinToken: string | undefined): Metadata {
  const metadata = new Metadata();
  if (joinToken !== undefined) metadata.set('authorization', `Bearer ${joinToken}`);
  return metadata;
}

function channelOptions(options: ClientWireOptions): ChannelOptions {
  return {
    'grpc.keepalive_time_ms': options.keepaliveTimeMs,
    'grpc.keepalive_timeout_ms': options.keepaliveTimeoutMs,
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    // Reconnecting is ours: a shared connection would bring a backoff of its own.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.enable_retries': 0,
    ...(options.serverName !== undefined && { 'grpc.ssl_target_name_override': options.serverName }),
  };
}

function reasonOf({ code = status.UNKNOWN, details = '' }: Partial<ServiceError>, overTls: boolean): string {
  const hint = code === status.UNAVAILABLE ? connectionHint(details, overTls) : '';
  return `${status[code]}: ${details.replace(GRPC_CLUTTER, '')}${hint}`;
}

/** The time of a failure would make each a new one to whoever logs only what is new. */
const GRPC_CLUTTER = / \(\d{4}-\d\d-\d\dT[\d:.]+Z\)|\.? Resolution note: $/g;
