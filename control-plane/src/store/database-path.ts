import { join } from 'node:path';

/** Where the database of a data directory is. */
export function databasePath(dataDir: string): string {
  return join(dataDir, 'headgate.db');
}
