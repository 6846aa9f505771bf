import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { NodeRequest } from './node-message.ts';
import { isKnownToNode, nodeRequestParser } from './node-request-parser.ts';
import { valuesOf } from './values-of.ts';

/** A method that Node knows, in the place of one that it does not. */
const STANDING_IN = 'MKACTIVITY';
const ANSWER = 'recorded\n';

/** One connection of the forwarder: Node reads it, and a method that Node does not know is given another in its place. */
interface Wire {
  readonly stream: Duplex;
  /** The method that Node is not shown, of the request under way. */
  hidden: string | undefined;
  /** Whether what comes next begins a request. */
  isAtStart: boolean;
}

/** A server that is forwarded to. What comes is read by Node's own parser, and answered once it is complete. */
export class RequestRecorder {
  /** Requests by their X-Request-Id; more than one is a fault of the forwarder. */
  readonly requests = new Map<string, NodeRequest[]>();
  /** What came and is no request. */
  readonly faults: string[] = [];
  /** Counts everything that happens. */
  activity = 0;
  readonly #server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#connected(socket));
  readonly #parser = nodeRequestParser(
    (request, response) => this.#read(request, response),
    (error, stream) => this.#failed(error, stream),
  );
  readonly #wires = new WeakMap<Duplex, Wire>();
  readonly #sockets = new Set<Socket>();

  async start(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#parser.close();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #connected(socket: Socket): void {
    this.activity++;
    this.#sockets.add(socket);
    const stream = new Duplex({
      read: () => undefined,
      write: (bytes: Buffer, _encoding, done) => void socket.write(bytes, () => done()),
    });
    stream.on('error', () => undefined);
    const wire: Wire = { stream, hidden: undefined, isAtStart: true };
    this.#wires.set(stream, wire);
    this.#parser.emit('connection', stream);
    socket.on('data', (bytes: Buffer) => this.#take(wire, bytes));
    socket.on('end', () => stream.push(null));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.activity++;
      this.#sockets.delete(socket);
      stream.destroy();
    });
    stream.on('close', () => socket.destroy());
  }

  #take(wire: Wire, bytes: Buffer): void {
    this.activity++;
    if (!wire.isAtStart) return void wire.stream.push(bytes);
    wire.isAtStart = false;
    const method = /^[^ \r\n]+(?= )/.exec(bytes.toString('latin1', 0, 128))?.[0] ?? '';
    wire.hidden = method === '' || isKnownToNode(method) ? undefined : method;
    if (wire.hidden !== undefined) wire.stream.push(Buffer.from(STANDING_IN));
    wire.stream.push(wire.hidden === undefined ? bytes : bytes.subarray(method.length));
  }

  #read(read: NodeRequest, response: ServerResponse): void {
    this.activity++;
    const wire = this.#wires.get(response.req.socket);
    const request = Object.assign(read, { method: wire?.hidden ?? read.method });
    const ids = valuesOf(request.rawHeaders, 'x-request-id');
    if (ids.length !== 1) this.faults.push(`a request with ${ids.length} ids: ${describe(request)}`);
    const id = ids[0] ?? '';
    this.requests.set(id, [...(this.requests.get(id) ?? []), request]);
    response.req.on('end', () => {
      this.activity++;
      if (wire !== undefined) wire.isAtStart = true;
      response.end(ANSWER);
    });
  }

  #failed(error: NodeJS.ErrnoException, stream: Duplex): void {
    const isCut = error.code === 'HPE_INVALID_EOF_STATE' || error.code === 'ECONNRESET';
    if (!isCut) this.faults.push(`bytes that are no request: ${error.code} ${error.message}`);
    stream.destroy();
  }
}

function describe({ method, target, rawHeaders }: NodeRequest): string {
  return JSON.stringify([method, target, rawHeaders]);
}
