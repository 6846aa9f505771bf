import type { EncodedObject } from '@headgate/proto/object-codec';
import { kindNumber } from '@headgate/proto/object-kind';
import type { Backend } from '@headgate/shared/model/backend';
import type { Server } from '@headgate/shared/model/server';
import { keyOf, type ObjectKey } from '@headgate/shared/snapshot/snapshot-object';
import type { RestoredContent } from '../routing/restored-snapshot.ts';
import { decodeCopied } from './decode-copied.ts';

const SERVER = kindNumber('server');

/**
 * A backend of a copy and its servers, as bytes: what nobody asks for is not decoded, and has no objects of its own.
 * Only a backend whose servers a step of the journal changes keeps them by key.
 */
export class CopyGroup implements RestoredContent {
  settings: EncodedObject | undefined;
  readonly #file: Buffer;
  /** Of the servers' bodies in the file: offset, length, offset, length… */
  #places: number[] = [];
  #byKey: Map<ObjectKey, EncodedObject> | undefined;

  constructor(file: Buffer) {
    this.#file = file;
  }

  get servers(): number {
    return this.#byKey?.size ?? this.#places.length / 2;
  }

  addServer(offset: number, length: number): void {
    this.#places.push(offset, length);
  }

  /** Its servers by key, to be changed. */
  byKey(): Map<ObjectKey, EncodedObject> {
    if (this.#byKey !== undefined) return this.#byKey;
    const servers = [...this.#encodedServers()];
    this.#byKey = new Map(servers.map((encoded) => [keyOf(decodeCopied(encoded)), encoded]));
    this.#places = [];
    return this.#byKey;
  }

  read(): { readonly settings: Backend; readonly servers: readonly Server[] } {
    const servers: Server[] = [];
    for (const encoded of this.#encodedServers()) servers.push(decodeCopied(encoded).value as Server);
    return { settings: decodeCopied(this.settings!).value as Backend, servers };
  }

  /** All of it, as it is written. */
  *encoded(): Generator<EncodedObject, void> {
    if (this.settings !== undefined) yield this.settings;
    yield* this.#encodedServers();
  }

  *#encodedServers(): Generator<EncodedObject, void> {
    if (this.#byKey !== undefined) return yield* this.#byKey.values();
    for (let at = 0; at < this.#places.length; at += 2) {
      const offset = this.#places[at]!;
      yield { kind: SERVER, body: this.#file.subarray(offset, offset + this.#places[at + 1]!) };
    }
  }
}
