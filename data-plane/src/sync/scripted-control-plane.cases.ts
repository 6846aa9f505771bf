import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import {
  ControlPlaneServiceService,
  Welcome,
  type ConnectRequest,
  type ConnectResponse,
} from '@headgate/proto/generated/headgate/v1/control_plane';

type Down = NonNullable<ConnectResponse['message']>;
type Up = NonNullable<ConnectRequest['message']>;
type Value<Case extends Up['$case']> = Extract<Up, { readonly $case: Case }>['value'];
type Stream = ServerDuplexStream<ConnectRequest, ConnectResponse>;

/** A control plane that says what a test makes it say, over real streams. */
export class ScriptedControlPlane {
  /** Of all streams, in the order in which they came. */
  readonly heard: Up[] = [];
  readonly streams: Stream[] = [];
  /** Called with each new stream. */
  script: (stream: Stream) => void = () => undefined;
  readonly #server = new Server();

  async start(credentials = ServerCredentials.createInsecure()): Promise<number> {
    this.#server.addService(ControlPlaneServiceService, {
      connect: (stream: Stream) => {
        this.streams.push(stream);
        stream.on('data', ({ message }: ConnectRequest) => message !== undefined && this.heard.push(message));
        stream.on('end', () => stream.end());
        this.script(stream);
      },
    });
    return new Promise((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', credentials, (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  close(): void {
    this.#server.forceShutdown();
  }

  /** What was heard of one kind. */
  of<Case extends Up['$case']>(kind: Case): readonly Value<Case>[] {
    return this.heard.filter(({ $case }) => $case === kind).map(({ value }) => value as Value<Case>);
  }
}

export function say(stream: Stream, message: Down | undefined): void {
  stream.write({ message });
}

export function welcome(more: Partial<Welcome> = {}): Down {
  return { $case: 'welcome', value: Welcome.fromPartial({ epoch: 'e', version: 1, updateFollows: true, ...more }) };
}
