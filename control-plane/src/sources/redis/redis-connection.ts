import type { Clock } from '@headgate/shared/clock';
import { createClient, RESP_TYPES } from 'redis';
import type { RedisPlace } from './redis-place.ts';
import { StrangeAnswerError } from './strange-answer-error.ts';
import { within } from './within.ts';

const CONNECT_MS = 3_000;
const COMMAND_MS = 2_000;
/** Only one is ever under way, and a few are those of the start. */
const MAX_COMMANDS = 16;

type Client = ReturnType<typeof clientFor>;

export interface RedisConnectionLife {
  readonly clock: Clock;
  /** Closes the connection, also one that is not open yet. */
  readonly signal: AbortSignal;
  /** It was lost; the next command says why. */
  readonly onLost: () => void;
}

/**
 * One connection that is used until it fails, and then replaced by whoever has it: the client's own reconnecting would
 * queue commands, and would not say how often it failed. Every wait has an end of its own, because the client's timeout
 * of commands ends when they are written, and its timeout of connecting before the server has let it in.
 */
export class RedisConnection {
  readonly #life: RedisConnectionLife;
  readonly #client: Client;
  /**
   * Ends the socket in every state, because the client itself forgets one that is still connecting; and what is waited
   * for, with the reason of a loss, because the client would say of it only that it is closed.
   */
  readonly #closing = new AbortController();
  readonly #close = (): void => this.close();

  /** Connects, shows who it is and chooses the database. */
  static async open(place: RedisPlace, life: RedisConnectionLife): Promise<RedisConnection> {
    const connection = new RedisConnection(place, life);
    try {
      await connection.#within(CONNECT_MS, connection.#client.connect());
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  private constructor(place: RedisPlace, life: RedisConnectionLife) {
    this.#life = life;
    this.#client = clientFor(place, this.#closing.signal);
    this.#client.on('error', (error: unknown) => {
      this.#closing.abort(error);
      life.onLost();
    });
    if (life.signal.aborted) this.close();
    else life.signal.addEventListener('abort', this.#close, { once: true });
  }

  /** Bytes of a string; 0 when there is none. */
  async lengthOf(key: string): Promise<number> {
    const length: unknown = await this.#within(COMMAND_MS, this.#client.strLen(key));
    if (typeof length !== 'number') throw new StrangeAnswerError();
    return length;
  }

  /** The first bytes of a string, at most `maxBytes`; none when there is none. */
  async firstBytesOf(key: string, maxBytes: number): Promise<Buffer> {
    const bytes: unknown = await this.#within(COMMAND_MS, this.#client.getRange(key, 0, maxBytes - 1));
    if (!Buffer.isBuffer(bytes)) throw new StrangeAnswerError();
    return bytes;
  }

  /** Turns it into a connection that listens, and can `ping` alone. */
  async subscribe(channel: string, listener: () => void): Promise<void> {
    await this.#within(COMMAND_MS, this.#client.subscribe(channel, listener));
  }

  async ping(): Promise<void> {
    await this.#within(COMMAND_MS, this.#client.ping());
  }

  close(): void {
    this.#life.signal.removeEventListener('abort', this.#close);
    this.#client.destroy();
    this.#closing.abort();
  }

  #within<T>(ms: number, work: Promise<T>): Promise<T> {
    return within(work, { clock: this.#life.clock, ms, signal: this.#closing.signal });
  }
}

function clientFor({ address, username, password, caPem }: RedisPlace, signal: AbortSignal) {
  const { host, port, tls, database } = address;
  const socket = { host, port, connectTimeout: CONNECT_MS, reconnectStrategy: false as const, signal };
  return createClient({
    // Every Redis speaks it; the third version brings nothing that is used here.
    RESP: 2,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    database,
    socket: tls ? { ...socket, tls, ...(caPem !== undefined && { ca: caPem }) } : socket,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_COMMANDS,
    // A user who may do nothing but read the key is not refused for it.
    disableClientInfo: true,
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
}
