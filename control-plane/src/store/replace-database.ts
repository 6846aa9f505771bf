import { existsSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncDirectory } from './private-file.ts';

/**
 * Puts `replacement`, a complete and durable database on the same file system, in the place of the one at `path`, and
 * keeps that one aside. The caller holds the lock. Returns where the old one is now; undefined when there was none.
 *
 * 1. The replacement gets the name `<path>.next`: from here on it will be the database, whatever happens.
 * 2. The old database moves aside with its write-ahead log, which belongs to it and to no other: SQLite would replay it
 *    into whatever database has the name.
 * 3. The replacement takes the name.
 *
 * A process that dies between these steps is finished by the next one that opens the store (`finishReplacement`).
 */
export function replaceDatabase(path: string, replacement: string): string | undefined {
  renameSync(replacement, nextOf(path));
  syncDirectory(dirname(path));
  return finishReplacement(path);
}

/** Does what is left of a replacement that was begun; nothing when none was. The caller holds the lock. */
export function finishReplacement(path: string): string | undefined {
  const next = nextOf(path);
  if (!existsSync(next)) return undefined;
  // The same name whoever finishes it, so that a log always comes to lie beside its database.
  const aside = `${path}.replaced-${stampOf(statSync(next).mtime)}`;
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  syncDirectory(dirname(path));
  renameSync(next, path);
  syncDirectory(dirname(path));
  return existsSync(aside) ? aside : undefined;
}

function nextOf(path: string): string {
  return `${path}.next`;
}

/** `20261120T202706123Z` */
function stampOf(time: Date): string {
  return time.toISOString().replaceAll(/[-:.]/g, '');
}
