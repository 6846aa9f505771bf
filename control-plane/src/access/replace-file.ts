import { randomBytes } from 'node:crypto';
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '../store/private-file.ts';

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

async function writeDurably(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
