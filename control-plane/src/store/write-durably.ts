import { open } from 'node:fs/promises';

/** Writes a new file that nobody else may read (0600) and forces it onto the medium. @throws EEXIST when it is there. */
export async function writeDurably(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
