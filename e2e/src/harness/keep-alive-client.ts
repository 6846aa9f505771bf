import { Agent, request } from 'node:http';

export interface TrafficAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** An HTTP client with one keep-alive connection, which it counts. */
export class KeepAliveClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;
  #connections = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** Connections opened so far: 1 as long as none was cut. */
  get connections(): number {
    return this.#connections;
  }

  get(
    host: string,
    path = '/',
    options: {
      readonly method?: string;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<TrafficAnswer> {
    return new Promise((resolve, reject) => {
      const sent = request({
        agent: this.#agent,
        host: '127.0.0.1',
        port: this.#port,
        path,
        method: options.method ?? 'GET',
        headers: { ...options.headers, host },
      });
      sent.on('socket', (socket) => {
        if (socket.connecting) this.#connections++;
      });
      sent.on('error', reject);
      sent.on('response', (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() }),
        );
      });
      sent.end(options.body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
