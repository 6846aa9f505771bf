import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';

/** A connection of a client that does as it likes. */
export class RawExchange {
  readonly socket: Socket;
  #text = '';
  #isOver = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: unknown) => (this.#text += text as string));
    socket.on('error', () => (this.#isOver = true));
    socket.on('close', () => (this.#isOver = true));
  }

  static async open(port: number): Promise<RawExchange> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new RawExchange(socket);
  }

  send(text: string): void {
    if (!this.socket.destroyed) this.socket.write(text, 'latin1');
  }

  /** The content of the next answer, which says its length; rejects when the connection ends before, or the status is another. */
  async answer(status = 200): Promise<string> {
    const headEnd = await this.#until(() => this.#text.indexOf(HEAD_END));
    const head = this.#text.slice(0, headEnd);
    if (!head.startsWith(`HTTP/1.1 ${status} `)) throw new Error(`not ${status}: ${head.slice(0, 200)}`);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
    const end = headEnd + HEAD_END.length + length;
    await this.#until(() => (this.#text.length >= end ? end : -1));
    const content = this.#text.slice(headEnd + HEAD_END.length, end);
    this.#text = this.#text.slice(end);
    return content;
  }

  /** Waits until so many characters have come, or the connection is over. */
  async atLeast(length: number): Promise<void> {
    await this.#until(() => (this.#text.length >= length ? length : -1)).catch(() => undefined);
  }

  async closed(): Promise<void> {
    while (!this.#isOver) await this.#event();
  }

  destroy(): void {
    this.socket.destroy();
  }

  async #until(find: () => number): Promise<number> {
    for (let found = find(); ; found = find()) {
      if (found !== -1) return found;
      if (this.#isOver) throw new Error(`the connection was over: ${JSON.stringify(this.#text.slice(0, 200))}`);
      await this.#event();
    }
  }

  #event(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.socket.off('data', done);
        this.socket.off('close', done);
        resolve();
      };
      this.socket.on('data', done);
      this.socket.on('close', done);
    });
  }
}
