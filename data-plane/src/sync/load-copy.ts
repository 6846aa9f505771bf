import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RestoredSnapshot } from '../routing/restored-snapshot.ts';
import type { TimeSlice } from '../routing/time-slice.ts';
import { BadCopyError } from './bad-copy-error.ts';
import { CopyImage } from './copy-image.ts';
import { CopyReader } from './copy-reader.ts';
import { BASE_MAGIC, CHECKSUM_BYTES, JOURNAL_MAGIC, readStep, sha256, type BaseHeader } from './disk-copy-format.ts';
import type { Kept } from './snapshot-keeper.ts';
import type { StateDir } from './state-dir.ts';

/** A copy that was read and found whole. */
export interface LoadedCopy {
  readonly number: number;
  /** All of it, for the applier. */
  readonly snapshot: RestoredSnapshot;
  /** Puts together what is held when it is served. That takes longer than serving it. */
  readonly kept: () => Promise<Kept>;
  /** Unix time in milliseconds of its last change. */
  readonly savedAt: number;
  /** Records of the journal that were used. */
  readonly steps: number;
  /** Why the journal was not used to its end; undefined when it was. */
  readonly cut: string | undefined;
}

const BLOCK_BYTES = 1_024 * 1_024;

/**
 * Reads a base and as much of its journal as is whole.
 * @throws BadCopyError when the base cannot be used.
 */
export async function loadCopy(dir: StateDir, number: number, slice: TimeSlice): Promise<LoadedCopy> {
  const image = await readBase(await bytesOf(dir.base(number)), slice);
  const journal = await readJournal(dir.journal(number), image, slice);
  return {
    number,
    snapshot: image.snapshot(),
    kept: async () => ({ held: await image.held(slice), leftEpochs: image.leftEpochs }),
    savedAt: image.savedAt,
    ...journal,
  };
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new BadCopyError(`cannot be read: ${(error as Error).message}`);
  }
}

async function readBase(bytes: Buffer, slice: TimeSlice): Promise<CopyImage> {
  if (bytes.length < BASE_MAGIC.length + CHECKSUM_BYTES) throw new BadCopyError('ends too early');
  const content = bytes.subarray(0, -CHECKSUM_BYTES);
  const checksum = await sha256Sliced(content, slice);
  if (!checksum.equals(bytes.subarray(-CHECKSUM_BYTES))) throw new BadCopyError('has a wrong checksum');
  const reader = new CopyReader(content);
  reader.expect(BASE_MAGIC);
  const header = reader.header<BaseHeader>();
  const image = new CopyImage(header, content);
  for (let count = 0; count < header.objects; count++) {
    if (slice.isOver()) await slice.pause();
    reader.place((kind, offset, length) => image.add(kind, offset, length));
  }
  if (!reader.atEnd) throw new BadCopyError('is longer than it says');
  return image;
}

async function sha256Sliced(bytes: Buffer, slice: TimeSlice): Promise<Buffer> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    hash.update(bytes.subarray(at, at + BLOCK_BYTES));
    await slice.pause();
  }
  return hash.digest();
}

async function readJournal(
  path: string,
  image: CopyImage,
  slice: TimeSlice,
): Promise<Pick<LoadedCopy, 'steps' | 'cut'>> {
  let steps = 0;
  try {
    const reader = new CopyReader(await journalBytes(path));
    for (; !reader.atEnd; steps++) {
      if (steps === 0) reader.expect(JOURNAL_MAGIC);
      image.apply(readStep(nextPayload(reader)));
      await slice.pause();
    }
    return { steps, cut: undefined };
  } catch (error) {
    if (!(error instanceof BadCopyError)) throw error;
    return { steps, cut: `record ${steps + 1} of the journal ${error.message}` };
  }
}

/** No journal is an empty one: it is made with its first record. */
async function journalBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw new BadCopyError(`cannot be read: ${(error as Error).message}`);
  }
}

function nextPayload(reader: CopyReader): CopyReader {
  const length = reader.uint32();
  const checksum = reader.take(CHECKSUM_BYTES);
  const payload = reader.take(length);
  if (!sha256(payload).equals(checksum)) throw new BadCopyError('has a wrong checksum');
  return new CopyReader(payload);
}
