import { randomBytes } from 'node:crypto';
import { rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '../store/private-file.ts';
import { writeDurably } from '../store/write-durably.ts';

/** New content of a file, durable beside it and not in its place yet. */
export interface FileDraft {
  /** Takes the place of the file, whole. */
  replace(): Promise<void>;
  /** Goes, when it has not taken the place. */
  discard(): Promise<void>;
}

/** Writes content that is to replace a file, readable by nobody else (0600). */
export async function draftFile(path: string, content: string): Promise<FileDraft> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const discard = (): Promise<void> => unlink(draft).catch(() => undefined);
  try {
    await writeDurably(draft, content);
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    discard,
    async replace() {
      await rename(draft, path);
      syncDirectory(dirname(path));
    },
  };
}
