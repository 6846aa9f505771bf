import { randomUUID } from 'node:crypto';
import { Client, credentials, Metadata, type ClientDuplexStream } from '@grpc/grpc-js';
import {
  ConnectRequest,
  ConnectResponse,
  ControlPlaneServiceService,
  type SnapshotUpdate,
} from '@headgate/proto/generated/headgate/v1/control_plane';
import { backoffDelay } from '@headgate/shared/backoff';
import type { Held } from './held.ts';

export interface FakeDataPlaneOptions {
  readonly address: string;
  readonly joinToken: string;
  readonly id: string;
  /** What it says to hold when it first joins. */
  readonly held: Held;
}

const LIVENESS_PERIOD_MS = 10_000;
const { path } = ControlPlaneServiceService.connect;

/**
 * The stream of a data plane and nothing behind it: it says Hello, acknowledges every update at once without looking at
 * its objects, answers Ping, tells that it lives, and comes back with the backoff of a real one.
 */
export class FakeDataPlane {
  readonly #options: FakeDataPlaneOptions;
  readonly #processUuid = randomUUID();
  #held: Held;
  #client: Client | undefined;
  #stream: ClientDuplexStream<ConnectRequest, ConnectResponse> | undefined;
  #attempt = 0;
  #standing = false;
  #updates = 0;
  #bytes = 0;

  constructor(options: FakeDataPlaneOptions) {
    this.#options = options;
    this.#held = options.held;
    setInterval(() => this.#tell({ $case: 'liveness', value: { nonce: 0 } }), LIVENESS_PERIOD_MS);
  }

  get held(): Held {
    return this.#held;
  }

  get standing(): boolean {
    return this.#standing;
  }

  get updates(): number {
    return this.#updates;
  }

  /** Of the updates, without what HTTP/2 puts around them. */
  get bytes(): number {
    return this.#bytes;
  }

  connect(): void {
    const client = new Client(this.#options.address, credentials.createInsecure(), channelOptions);
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${this.#options.joinToken}`);
    const stream = client.makeBidiStreamRequest(path, encode, (bytes) => this.#decode(bytes), metadata);
    this.#client = client;
    this.#stream = stream;
    stream.on('data', (message: ConnectResponse) => this.#receive(message));
    stream.on('error', () => this.#comeBack(client));
    stream.on('end', () => this.#comeBack(client));
    stream.write({ message: { $case: 'hello', value: this.#hello() } });
  }

  #decode(bytes: Buffer): ConnectResponse {
    const response = ConnectResponse.decode(bytes);
    if (response.message?.$case === 'update') this.#bytes += bytes.length;
    return response;
  }

  #receive({ message }: ConnectResponse): void {
    if (message?.$case === 'welcome') {
      this.#standing = true;
      this.#attempt = 0;
    } else if (message?.$case === 'update') this.#update(message.value);
    else if (message?.$case === 'ping') this.#tell({ $case: 'liveness', value: message.value });
  }

  #update({ epoch, version, last, digest }: SnapshotUpdate): void {
    if (!last) return;
    this.#updates++;
    this.#held = { epoch, version, digest: Buffer.from(digest) };
    this.#tell({ $case: 'ack', value: { epoch, version } });
  }

  #tell(message: NonNullable<ConnectRequest['message']>): void {
    if (this.#standing) this.#stream?.write({ message });
  }

  /** `error` and `end` may both come. */
  #comeBack(client: Client): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    this.#standing = false;
    client.close();
    setTimeout(() => this.connect(), backoffDelay(this.#attempt++, { baseMs: 100, maxMs: 5_000 }));
  }

  #hello(): Extract<NonNullable<ConnectRequest['message']>, { $case: 'hello' }>['value'] {
    const identity = { dataPlaneId: this.#options.id, processUuid: this.#processUuid, labels: {} };
    return { ...identity, ...this.#held, features: [], softwareVersion: 'bench', threads: 1 };
  }
}

/** A connection for each stream, as data planes have. */
const channelOptions = {
  'grpc.use_local_subchannel_pool': 1,
  'grpc.keepalive_time_ms': 15_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.enable_http_proxy': 0,
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
};

function encode(request: ConnectRequest): Buffer {
  return Buffer.from(ConnectRequest.encode(request).finish());
}
