import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { turns } from './turns.ts';

/** What is said to the next request, in the pieces in which it is written. */
export interface AnswerScript {
  readonly pieces: readonly Buffer[];
  /** Whether the connection is ended behind it. */
  readonly ends: boolean;
}

/** A server that says what it is told to whoever asks, valid or not. */
export class AnsweringOrigin {
  script: AnswerScript = { pieces: [], ends: true };
  /** Counts everything that happens. */
  activity = 0;
  readonly #server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#connected(socket));
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
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #connected(socket: Socket): void {
    this.activity++;
    this.#sockets.add(socket);
    let text = '';
    socket.on('data', (bytes) => {
      this.activity++;
      text += bytes.toString('latin1');
      const end = endOfRequest(text);
      if (end === -1) return;
      text = text.slice(end);
      void this.#answer(socket);
    });
    socket.on('error', () => undefined);
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      this.activity++;
      this.#sockets.delete(socket);
    });
  }

  async #answer(socket: Socket): Promise<void> {
    const { pieces, ends } = this.script;
    for (const piece of pieces) {
      this.activity++;
      if (!socket.destroyed) socket.write(piece);
      await turns(2);
    }
    this.activity++;
    if (ends) socket.end();
  }
}

/** Where the first request ends, -1 when it has not come whole. What asks is known to be sound. */
function endOfRequest(text: string): number {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return -1;
  const length = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, end + 2))?.[1] ?? 0);
  return text.length >= end + 4 + length ? end + 4 + length : -1;
}
