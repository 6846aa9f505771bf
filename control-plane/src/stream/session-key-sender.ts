import { ConnectResponse } from '@headgate/proto/generated/headgate/v1/control_plane';
import type { ReadableValue } from '@headgate/shared/latest-value';
import type { SessionKeySet } from '../session-keys/session-key.ts';
import type { StreamWire } from './stream-wire.ts';

/**
 * Sends the keys of session cookies to one data plane. One message is on its way at a time, and the next has the newest
 * keys: one that has stopped reading costs one message. Chunks of an update are passed by, for each waits for the one
 * before it to leave.
 */
export class SessionKeySender {
  readonly #wire: StreamWire;
  readonly #keys: ReadableValue<SessionKeySet>;
  #sent: SessionKeySet | undefined;
  #sending = false;
  #stop: () => void = () => undefined;

  constructor(wire: StreamWire, keys: ReadableValue<SessionKeySet>) {
    this.#wire = wire;
    this.#keys = keys;
  }

  /** Sends the keys now, and at every change. */
  start(): void {
    this.#stop = this.#keys.subscribe(() => this.#advance());
  }

  close(): void {
    this.#stop();
  }

  #advance(): void {
    const keys = this.#keys.value;
    // Before the first key is stored there is nothing to tell.
    if (this.#sending || keys === this.#sent || keys.length === 0) return;
    this.#sending = true;
    this.#sent = keys;
    void this.#wire.send(encode(keys)).then((left) => {
      this.#sending = false;
      if (left) this.#advance();
    });
  }
}

function encode(keys: SessionKeySet): Buffer {
  const value = { keys: keys.map(({ id, secret, state }) => ({ id, secret, issuing: state === 'issuing' })) };
  return Buffer.from(ConnectResponse.encode({ message: { $case: 'sessionKeys', value } }).finish());
}
