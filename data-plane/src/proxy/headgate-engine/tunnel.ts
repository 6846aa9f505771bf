import type { TransferredBytes } from '../forwarder.ts';
import type { ClientConnection } from './client-connection.ts';
import type { EngineParts, OpenTunnel } from './engine-parts.ts';
import type { ServerUser } from './server-user.ts';
import { WheelTimer, type Expiring } from './timer-wheel.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

export interface TunnelOptions {
  readonly client: ClientConnection;
  readonly server: UpstreamConnection;
  readonly parts: EngineParts;
  /** Without a byte in either direction. */
  readonly idleMs: number;
  /** The same, once one side has ended. */
  readonly halfClosedMs: number;
  /** Both sides are closed, or about to be. Called once. */
  readonly closed: (bytes: TransferredBytes) => void;
}

/** How long a side may take what is left for it when the other has gone. */
const FLUSH_MS = 5_000;

/**
 * Passes bytes between a client and a server, each way no faster than the other side takes them.
 *
 * 1. An end (FIN) of one side is passed on; the other direction goes on, with less patience.
 * 2. When a side has closed in order, the other is closed when it has taken what is left for it.
 * 3. An error of either side, or the idle timeout, closes both at once.
 */
export class Tunnel implements ServerUser, Expiring, OpenTunnel {
  readonly #options: TunnelOptions;
  /** Of its own: it outlasts the client's connection. */
  readonly #timer: WheelTimer;
  #received = 0;
  #sent = 0;
  #sidesClosed = 0;
  #isOver = false;

  constructor(options: TunnelOptions) {
    this.#options = options;
    this.#timer = new WheelTimer(options.parts.wheel, this);
  }

  /** Takes over both connections, with what the server has sent behind its 101. The client's request passes its calls on. */
  start(bytes: Buffer, from: number, to: number): void {
    const { client, server, idleMs, parts } = this.#options;
    parts.tunnels.add(this);
    parts.metrics.tunnels++;
    this.#timer.set(idleMs);
    server.user = this;
    server.reader.stop();
    server.writer.flush(); // from now on the socket is written to
    this.#sent += to - from;
    if (to > from) client.writer.bytes(bytes, from, to);
    client.writer.flush();
    if (client.writer.isBlocked) server.pause();
    const early = client.takeHeld();
    if (early !== undefined) this.fromClient(early);
  }

  fromClient(bytes: Buffer): void {
    const { client, server } = this.#options;
    this.#received += bytes.length;
    this.#timer.touch();
    if (!server.socket.write(bytes)) client.pause();
  }

  fromServer(bytes: Buffer, length: number): void {
    const { client, server } = this.#options;
    this.#sent += length;
    this.#timer.touch();
    client.writer.bytes(bytes, 0, length);
    client.writer.flush();
    if (client.writer.isBlocked) server.pause();
  }

  serverDrained(): void {
    this.#timer.touch();
    this.#options.client.resume();
  }

  clientDrained(): void {
    this.#timer.touch();
    this.#options.server.resume();
  }

  clientEnded(): void {
    this.#timer.set(this.#options.halfClosedMs);
    this.#options.server.socket.end();
  }

  serverEnded(): void {
    this.#timer.set(this.#options.halfClosedMs);
    this.#options.client.socket.end();
  }

  clientLost(): void {
    const { client, server } = this.#options;
    if (client.socket.errored !== null) return this.close();
    this.#sideClosed();
    if (!this.#isOver) server.socket.destroySoon();
  }

  serverLost(): void {
    const { client, server } = this.#options;
    if (server.socket.errored !== null) return this.close();
    this.#sideClosed();
    if (!this.#isOver) client.socket.destroySoon();
  }

  expired(): void {
    this.close();
  }

  cut(): void {
    this.close();
  }

  /** Cuts both sides. */
  close(): void {
    const { client, server } = this.#options;
    this.#finish();
    client.socket.destroy();
    server.destroy();
  }

  #sideClosed(): void {
    if (++this.#sidesClosed === 2) this.#finish();
    if (!this.#isOver) this.#timer.set(FLUSH_MS);
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer.close();
    const { parts, closed } = this.#options;
    parts.tunnels.delete(this);
    parts.metrics.tunnels--;
    closed({ received: this.#received, sent: this.#sent });
  }
}
