import {
  credentials as plainOrTls,
  Metadata,
  type ChannelCredentials,
  type ClientDuplexStream,
  type ServiceError,
} from '@grpc/grpc-js';
import type { ConnectRequest } from '@headgate/proto/generated/headgate/v1/control_plane';
import {
  ControlPlaneServiceClient,
  ControlPlaneServiceService,
  Hello,
  type ConnectResponse,
  type SnapshotUpdate,
} from '@headgate/proto/generated/headgate/v1/control_plane';
import { eventually } from './eventually.cases.ts';

type Down = NonNullable<ConnectResponse['message']>;
type Up = NonNullable<ConnectRequest['message']>;
type Value<Case extends Down['$case']> = Extract<Down, { readonly $case: Case }>['value'];

const { connect } = ControlPlaneServiceService;

function serialize(message: ConnectRequest | Buffer): Buffer {
  return Buffer.isBuffer(message) ? message : connect.requestSerialize(message);
}

export interface RawDataPlaneOptions {
  readonly port: number;
  readonly token?: string | undefined;
  /** Default: plain text. */
  readonly credentials?: ChannelCredentials | undefined;
}

/** A data plane that says what a test makes it say, over a real stream. */
export class RawDataPlane {
  readonly received: Down[] = [];
  error: ServiceError | undefined;
  readonly #client: ControlPlaneServiceClient;
  readonly #stream: ClientDuplexStream<ConnectRequest | Buffer, ConnectResponse>;

  constructor({ port, token, credentials = plainOrTls.createInsecure() }: RawDataPlaneOptions) {
    const metadata = new Metadata();
    if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
    this.#client = new ControlPlaneServiceClient(`127.0.0.1:${port}`, credentials, {
      'grpc.use_local_subchannel_pool': 1,
    });
    this.#stream = this.#client.makeBidiStreamRequest(connect.path, serialize, connect.responseDeserialize, metadata);
    this.#stream.on('data', ({ message }: ConnectResponse) => message !== undefined && this.received.push(message));
    this.#stream.on('error', (error: ServiceError) => (this.error = error));
  }

  say(message: Up): void {
    this.#stream.write({ message });
  }

  /** Says what no data plane would. */
  sayBytes(bytes: Buffer): void {
    this.#stream.write(bytes);
  }

  /** Holds nothing, unless told otherwise. */
  hello(id: string, more: Parameters<typeof Hello.fromPartial>[0] = {}): void {
    const value = Hello.fromPartial({ dataPlaneId: id, processUuid: `uuid-of-${id}`, threads: 1, ...more });
    this.say({ $case: 'hello', value });
  }

  /** Waits for the next message, which must be of the kind, and takes it. Session keys are passed over: they come at any time. */
  async next<Case extends Down['$case']>(kind: Case): Promise<Value<Case>> {
    await eventually(`${kind} comes`, () => {
      while (kind !== 'sessionKeys' && this.received[0]?.$case === 'sessionKeys') this.received.shift();
      return this.received.length > 0 || this.error !== undefined;
    });
    const message = this.received.shift();
    if (message?.$case !== kind) {
      throw new Error(`${message?.$case ?? this.error?.message ?? 'nothing'} came instead of ${kind}`);
    }
    return message.value as Value<Case>;
  }

  /** Waits for all chunks of the next update. */
  async update(): Promise<SnapshotUpdate[]> {
    const chunks = [await this.next('update')];
    while (!chunks.at(-1)!.last) chunks.push(await this.next('update'));
    return chunks;
  }

  /** Waits for the next update and accepts it. */
  async accept(): Promise<SnapshotUpdate> {
    const chunks = await this.update();
    const { epoch, version } = chunks[0]!;
    this.say({ $case: 'ack', value: { epoch, version } });
    return chunks[0]!;
  }

  /** Waits for the next update and refuses it. */
  async refuse(code: string): Promise<SnapshotUpdate> {
    const chunks = await this.update();
    const { epoch, version } = chunks[0]!;
    const fault = { object: 'backend/bad', field: '/x', code, reason: 'is bad' };
    this.say({ $case: 'nack', value: { epoch, version, faults: [fault], totalFaults: 1 } });
    return chunks[0]!;
  }

  /** Waits for the end of the stream. */
  async ended(): Promise<ServiceError> {
    await eventually('the stream ends', () => this.error !== undefined);
    return this.error!;
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  close(): void {
    this.#stream.cancel();
    this.#client.close();
  }
}
