import type { EncodedObject } from '@headgate/proto/object-codec';
import { kindName, type RemovedObject } from '@headgate/proto/object-kind';
import { peekName } from '@headgate/proto/peek-name';
import type { Host } from '@headgate/shared/model/host';
import { ShardedMap } from '@headgate/shared/sharded-map';
import { SetDigest } from '@headgate/shared/snapshot/set-digest';
import { keyOf, type ObjectKey, type SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { softwareVersion } from '@headgate/shared/software-version';
import type { RestoredSnapshot } from '../routing/restored-snapshot.ts';
import type { TimeSlice } from '../routing/time-slice.ts';
import { BadCopyError } from './bad-copy-error.ts';
import { CopyGroup } from './copy-group.ts';
import { decodeCopied } from './decode-copied.ts';
import type { BaseHeader, JournalStep } from './disk-copy-format.ts';
import type { HeldSnapshot } from './held-snapshot.ts';

/**
 * The snapshot of a copy while it is put together from its base and journal. The bytes of a base are covered by a
 * checksum, and so is the digest in its header: neither is computed again from a hundred thousand objects.
 */
export class CopyImage {
  readonly leftEpochs: readonly string[];
  readonly #file: Buffer;
  readonly #checked: boolean;
  readonly #groups = new Map<string, CopyGroup>();
  readonly #hosts = new Map<string, EncodedObject>();
  #digest: SetDigest;
  readonly #epoch: string;
  #version: number;
  #savedAt: number;

  /** @throws BadCopyError for a digest that is none. */
  constructor(header: BaseHeader, file: Buffer) {
    this.leftEpochs = header.leftEpochs;
    this.#file = file;
    this.#checked = header.release === softwareVersion;
    this.#epoch = header.epoch;
    this.#version = header.version;
    this.#savedAt = header.savedAt;
    const digest = SetDigest.fromBytes(Buffer.from(header.digest, 'hex'));
    if (digest === undefined) throw new BadCopyError('has a digest that is none');
    this.#digest = digest;
  }

  /** Unix time in milliseconds. */
  get savedAt(): number {
    return this.#savedAt;
  }

  /**
   * Takes in an object whose body is at a place of the file.
   * @throws BadCopyError for an object that this release cannot read.
   */
  add(kind: number, offset: number, length: number): void {
    const end = offset + length;
    const name = peekName(this.#file, offset, end);
    if (name === undefined) throw new BadCopyError('has an object without a name');
    switch (kindName(kind)) {
      case 'server':
        return this.#group(name).addServer(offset, length);
      case 'backend':
        return this.#addBackend(name, { kind, body: this.#file.subarray(offset, end) });
      case 'host':
        if (this.#hosts.has(name)) throw new BadCopyError('has an object twice');
        return void this.#hosts.set(name, { kind, body: this.#file.subarray(offset, end) });
      case undefined:
        throw new BadCopyError(`has an object of kind ${kind}, which this release does not know`);
    }
  }

  /** @throws BadCopyError when the step does not fit. Then the image is unchanged. */
  apply({ header, upserts, removals }: JournalStep): void {
    const follows = header.epoch === this.#epoch && header.from === this.#version;
    if (!follows) throw new BadCopyError(`has a step from version ${header.from} after version ${this.#version}`);
    const added = upserts.map((encoded) => ({ encoded, place: placeOfObject(decodeCopied(encoded)) }));
    const removed = removals.map(placeOfRemoval);
    const digest = this.#digest.clone();
    for (const place of [...removed, ...added.map(({ place }) => place)]) {
      const old = this.#get(place);
      if (old !== undefined) digest.remove(old.kind, old.body);
    }
    for (const { encoded } of added) digest.add(encoded.kind, encoded.body);
    if (digest.toBytes().toString('hex') !== header.digest) throw new BadCopyError('has a step to another digest');
    for (const place of removed) this.#set(place, undefined);
    for (const { encoded, place } of added) this.#set(place, encoded);
    this.#digest = digest;
    this.#version = header.version;
    this.#savedAt = header.savedAt;
  }

  /** What there is to serve. The image must not be changed any more. */
  snapshot(): RestoredSnapshot {
    const hosts = this.#hosts;
    const backends = new Map([...this.#groups].filter(([, { settings }]) => settings !== undefined));
    return { id: this.#id, hosts: { [Symbol.iterator]: () => readHosts(hosts) }, backends, checked: this.#checked };
  }

  /** What is held when this image is served. */
  async held(slice: TimeSlice): Promise<HeldSnapshot> {
    const draft = ShardedMap.empty<EncodedObject>().edit();
    for (const encoded of this.#encoded()) {
      if (slice.isOver()) await slice.pause();
      draft.set(keyOf(decodeCopied(encoded)), encoded);
    }
    return { id: this.#id, objects: draft.done(), digest: this.#digest };
  }

  get #id() {
    return { epoch: this.#epoch, version: this.#version };
  }

  *#encoded(): Generator<EncodedObject, void> {
    yield* this.#hosts.values();
    for (const group of this.#groups.values()) yield* group.encoded();
  }

  #addBackend(name: string, encoded: EncodedObject): void {
    const group = this.#group(name);
    if (group.settings !== undefined) throw new BadCopyError('has an object twice');
    group.settings = encoded;
  }

  #group(name: string): CopyGroup {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const made = new CopyGroup(this.#file);
    this.#groups.set(name, made);
    return made;
  }

  #get({ kind, name, key }: Place): EncodedObject | undefined {
    switch (kind) {
      case 'host':
        return this.#hosts.get(name);
      case 'backend':
        return this.#groups.get(name)?.settings;
      case 'server':
        return this.#groups.get(name)?.byKey().get(key);
    }
  }

  #set({ kind, name, key }: Place, encoded: EncodedObject | undefined): void {
    if (kind === 'backend') this.#group(name).settings = encoded;
    else {
      const map: Map<string, EncodedObject> = kind === 'host' ? this.#hosts : this.#group(name).byKey();
      const at = kind === 'host' ? name : key;
      if (encoded === undefined) map.delete(at);
      else map.set(at, encoded);
    }
  }
}

/** Where an object stands: servers with their backend, whose name it then is. */
interface Place {
  readonly kind: SnapshotObject['kind'];
  readonly name: string;
  readonly key: ObjectKey;
}

function placeOfObject(object: SnapshotObject): Place {
  const { kind, value } = object;
  const name = kind === 'host' ? value.pattern : kind === 'backend' ? value.name : value.backend;
  return { kind, name, key: keyOf(object) };
}

function placeOfRemoval({ kind: number, name }: RemovedObject): Place {
  const kind = kindName(number);
  if (kind === undefined) throw new BadCopyError(`has a removal of kind ${number}`);
  const slash = name.indexOf('/');
  return { kind, name: kind === 'server' && slash !== -1 ? name.slice(0, slash) : name, key: `${kind}/${name}` };
}

function* readHosts(hosts: ReadonlyMap<string, EncodedObject>): Generator<Host, void> {
  for (const encoded of hosts.values()) yield decodeCopied(encoded).value as Host;
}
