import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '@headgate/shared/clock';
import { LatestValue, type ReadableValue } from '@headgate/shared/latest-value';
import type { Logger } from '@headgate/shared/logger';
import type { SessionKey, SessionKeySet } from '../affinity/session-key.ts';
import { readSessionKeyDocument, writeSessionKeyDocument } from './session-key-document.ts';

const MAX_BYTES = 65_536;
const TRY_AGAIN_MS = 5_000;

export interface SessionKeyCopyOptions {
  /** A file in a folder that exists and that no other process uses. */
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The keys of session cookies, and their copy on disk (mode 0600), so that a data plane that starts while no control
 * plane can be reached knows its clients again. The newest keys hold at once; the copy follows, whole and durable. While
 * it cannot be written it is tried again.
 */
export class SessionKeyCopy {
  readonly #options: SessionKeyCopyOptions;
  readonly #keys: LatestValue<SessionKeySet>;
  #saved: SessionKeySet;
  #writing: Promise<void> | undefined;
  #failed = false;
  #cancel: () => void = () => undefined;

  private constructor(options: SessionKeyCopyOptions, keys: SessionKeySet) {
    this.#options = options;
    this.#saved = keys;
    this.#keys = new LatestValue(keys, sameKeys);
  }

  /** With the keys of the time before. A file that is damaged is none, which the log says. Never rejects. */
  static async open(options: SessionKeyCopyOptions): Promise<SessionKeyCopy> {
    return new SessionKeyCopy(options, (await load(options)) ?? []);
  }

  get keys(): ReadableValue<SessionKeySet> {
    return this.#keys;
  }

  /** These hold from now on. */
  set(keys: SessionKeySet): void {
    this.#keys.set(keys);
    this.#save();
  }

  /** Resolves when the copy is up to date, or could not be written once more. */
  async close(): Promise<void> {
    this.#cancel();
    while (this.#writing !== undefined) await this.#writing;
    if (this.#saved !== this.#keys.value) await this.#write();
    this.#cancel();
  }

  #save(): void {
    if (this.#writing !== undefined || this.#saved === this.#keys.value) return;
    this.#cancel();
    this.#writing = this.#write().then((written) => {
      this.#writing = undefined;
      if (written) this.#save();
      else this.#cancel = this.#options.clock.after(TRY_AGAIN_MS, () => this.#save());
    });
  }

  /** Whether the keys of this moment are on the medium. */
  async #write(): Promise<boolean> {
    const { path, logger } = this.#options;
    const keys = this.#keys.value;
    try {
      await replaceDurably(path, writeSessionKeyDocument(keys));
      this.#saved = keys;
      if (this.#failed) logger.info({ path }, 'session keys can be kept on disk again');
      this.#failed = false;
      return true;
    } catch (error) {
      if (!this.#failed) logger.warn({ err: error, path }, 'session keys cannot be kept on disk');
      this.#failed = true;
      return false;
    }
  }
}

async function load({ path, logger }: SessionKeyCopyOptions): Promise<SessionKeySet | undefined> {
  try {
    const file = await stat(path);
    const text = file.isFile() && file.size <= MAX_BYTES ? await readFile(path, 'utf8') : '';
    const keys = readSessionKeyDocument(text);
    if (keys === undefined) logger.warn({ path }, 'the session keys on disk are damaged and not used');
    return keys;
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!absent) logger.warn({ err: error, path }, 'the session keys on disk cannot be read');
    return undefined;
  }
}

/** Equal keys are no change, so that a control plane that comes back costs nothing. */
function sameKeys(before: SessionKeySet, after: SessionKeySet): boolean {
  return before.length === after.length && before.every((key, index) => isSame(key, after[index]!));
}

function isSame(a: SessionKey, b: SessionKey): boolean {
  return a.id === b.id && a.issuing === b.issuing && a.secret.equals(b.secret);
}

/** Whole and on the medium when it resolves; what fails leaves the file as it was. */
async function replaceDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  await rm(temporary, { force: true }); // one that is there keeps its mode
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
