import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '@headgate/shared/clock';
import { RestoredVerdicts } from './restored-verdicts.ts';
import { readVerdicts } from './verdict-document.ts';

/** Older verdicts say too little about a server of now. */
const MAX_AGE_MS = 60_000;
/** 100,000 servers need a tenth. */
const MAX_BYTES = 64 * 1024 * 1024;

export type LoadedVerdicts =
  | { readonly ok: true; readonly verdicts: RestoredVerdicts; readonly ageMs: number }
  /** absent is how every first start begins; the others deserve a word in the log. */
  | { readonly ok: false; readonly reason: 'absent' | 'unreadable' | 'damaged' | 'too_old' | 'from_the_future' };

/**
 * The verdicts of the time before a restart, when they are at most 60 s old. Never fails: without them every server
 * begins unknown. A file of the future is refused, because the clock has been set back since, nobody knows how far.
 */
export async function loadVerdicts({
  path,
  clock,
}: {
  readonly path: string;
  readonly clock: Clock;
}): Promise<LoadedVerdicts> {
  const read = await readText(path);
  if (!read.ok) return read;
  const document = readVerdicts(read.text);
  if (document === undefined) return { ok: false, reason: 'damaged' };
  const ageMs = clock.now() - document.savedAtMs;
  if (ageMs < 0) return { ok: false, reason: 'from_the_future' };
  if (ageMs > MAX_AGE_MS) return { ok: false, reason: 'too_old' };
  const verdicts = new RestoredVerdicts({ clock, verdicts: document.verdicts, lifeMs: MAX_AGE_MS - ageMs });
  return { ok: true, verdicts, ageMs };
}

async function readText(
  path: string,
): Promise<
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: 'absent' | 'unreadable' }
> {
  try {
    const file = await stat(path);
    if (!file.isFile() || file.size > MAX_BYTES) return { ok: false, reason: 'unreadable' };
    return { ok: true, text: await readFile(path, 'utf8') };
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { ok: false, reason: absent ? 'absent' : 'unreadable' };
  }
}
