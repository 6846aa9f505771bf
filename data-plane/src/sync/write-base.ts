import { createHash, type Hash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { softwareVersion } from '@headgate/shared/software-version';
import type { TimeSlice } from '../routing/time-slice.ts';
import { BASE_MAGIC, writeHeader, writeObject } from './disk-copy-format.ts';
import type { Kept } from './snapshot-keeper.ts';
import type { StateDir } from './state-dir.ts';

const BLOCK_BYTES = 256 * 1_024;

export interface BaseToWrite {
  readonly dir: StateDir;
  readonly number: number;
  readonly kept: Kept;
  /** Unix time in milliseconds. */
  readonly savedAt: number;
  readonly slice: TimeSlice;
}

/**
 * Writes a base beside what is there and puts it in place when it is on the medium, whole: after a power cut at any
 * moment it is there or not there, never half. Resolves with its size in bytes.
 */
export async function writeBase(base: BaseToWrite): Promise<number> {
  const target = base.dir.base(base.number);
  const temporary = `${target}.tmp`;
  try {
    const bytes = await writeDurably(temporary, base);
    await rename(temporary, target);
    await base.dir.sync();
    return bytes;
  } catch (error) {
    // Half a file must not take the room that the next attempt needs. What cannot be removed is so later.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function writeDurably(path: string, base: BaseToWrite): Promise<number> {
  const file = await open(path, 'w', 0o600);
  try {
    const bytes = await writeContent(file, base);
    await file.sync();
    return bytes;
  } finally {
    await file.close();
  }
}

async function writeContent(file: FileHandle, base: BaseToWrite): Promise<number> {
  const writer = new BlockWriter(file);
  await writer.write(BASE_MAGIC);
  await writer.write(headerOf(base));
  for (const object of base.kept.held.objects.values()) {
    if (base.slice.isOver()) await base.slice.pause();
    const full = writer.add(writeObject(object));
    if (full) await writer.flush();
  }
  return writer.end();
}

function headerOf({ kept, savedAt }: BaseToWrite): Buffer {
  const { held, leftEpochs } = kept;
  const digest = held.digest.toBytes().toString('hex');
  return writeHeader({
    ...held.id,
    ...{ digest, objects: held.objects.size, savedAt, leftEpochs, release: softwareVersion },
  });
}

/** Gathers small pieces into blocks, and the checksum over all of them. */
class BlockWriter {
  readonly #file: FileHandle;
  readonly #hash: Hash = createHash('sha256');
  #pieces: Buffer[] = [];
  #gathered = 0;
  #written = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Whether it is time to flush. */
  add(piece: Buffer): boolean {
    this.#pieces.push(piece);
    this.#gathered += piece.length;
    return this.#gathered >= BLOCK_BYTES;
  }

  async write(piece: Buffer): Promise<void> {
    if (this.add(piece)) await this.flush();
  }

  async flush(): Promise<void> {
    const block = Buffer.concat(this.#pieces);
    this.#hash.update(block);
    await this.#append(block);
  }

  /** Resolves with the size of the whole. */
  async end(): Promise<number> {
    await this.flush();
    await this.#append(this.#hash.digest());
    return this.#written;
  }

  async #append(block: Buffer): Promise<void> {
    await this.#file.appendFile(block);
    this.#written += block.length;
    this.#pieces = [];
    this.#gathered = 0;
  }
}
