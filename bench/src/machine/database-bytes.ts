import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Size of a control plane's database with its log. */
export async function databaseBytes(dataDir: string): Promise<number> {
  const files = (await readdir(dataDir)).filter((name) => name.startsWith('headgate.db'));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(dataDir, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
