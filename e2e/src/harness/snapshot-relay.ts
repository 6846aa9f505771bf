import * as grpc from '@grpc/grpc-js';

/** Changes the bytes of one message between the planes; the same bytes leave it alone. */
export type Tamper = (message: Buffer) => Buffer;

const raw: grpc.ServiceDefinition = {
  connect: {
    path: '/headgate.v1.ControlPlaneService/Connect',
    requestStream: true,
    responseStream: true,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  },
};

/** Stands between a data plane and its control plane, and passes every message on, or something else instead. */
export class SnapshotRelay {
  /** What happens to messages on their way down. */
  tamper: Tamper = identity;
  /** What happens to messages on their way up. */
  tamperUp: Tamper = identity;
  /** What waits to be passed on; undefined while nothing is held. */
  #held: (() => void)[] | undefined;
  readonly #upstream: grpc.Client;
  readonly #server = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
  #address = '';

  constructor(controlPlane: string) {
    this.#upstream = new grpc.Client(controlPlane, grpc.credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
    });
    this.#server.addService(raw, { connect: (call: grpc.ServerDuplexStream<Buffer, Buffer>) => this.#relay(call) });
  }

  /** host:port for the data plane. */
  get address(): string {
    return this.#address;
  }

  async start(): Promise<this> {
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    this.#address = `127.0.0.1:${port}`;
    return this;
  }

  /** Holds back what flows down from now on, until it is released. Returns how. */
  hold(): () => void {
    this.#held ??= [];
    return () => {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const pass of held) pass();
    };
  }

  close(): void {
    this.#server.forceShutdown();
    this.#upstream.close();
  }

  #pass(message: () => void): void {
    if (this.#held === undefined) message();
    else this.#held.push(message);
  }

  #relay(down: grpc.ServerDuplexStream<Buffer, Buffer>): void {
    const up = this.#upstream.makeBidiStreamRequest(raw['connect']!.path, identity, identity, down.metadata);
    down.on('data', (message: Buffer) => void up.write(this.tamperUp(message)));
    down.on('end', () => up.end());
    down.on('cancelled', () => up.cancel());
    down.on('error', () => up.cancel());
    up.on('data', (message: Buffer) => this.#pass(() => void down.write(this.tamper(message))));
    up.on('error', (error: grpc.ServiceError) => down.destroy(error));
    up.on('end', () => down.end());
  }
}

function identity(message: Buffer): Buffer {
  return message;
}
