import { createHash, randomUUID } from 'node:crypto';
import { copyFile, link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Another process works in the folder. */
export class StateDirLockedError extends Error {
  override readonly name = 'StateDirLockedError';
}

interface Holder {
  readonly pid: number;
  /** When the process was started, as the kernel counts it; "" where that is not to be had. */
  readonly started: string;
  /** Which lock this is. */
  readonly token: string;
}

const ATTEMPTS = 5;

/**
 * Sees to it that one process at a time works in a folder.
 *
 * The lock is a file that names its process; it appears whole, by a hard link. A lock whose process is no more does not
 * block. Who replaces it first takes a lock on doing that, which is named after the content of the dead one, and looks
 * again whether that still stands: otherwise the second of two claimants could replace the first, who is alive.
 * The id of a process alone would not do, because in a container every start has the same one.
 */
export class StateDirLock {
  readonly #path: string;
  readonly #token: string;

  private constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
  }

  /** @throws StateDirLockedError when another process holds it. */
  static async acquire(dir: string): Promise<StateDirLock> {
    const path = join(dir, 'lock');
    const own: Holder = { pid: process.pid, started: await startOf(process.pid), token: randomUUID() };
    const draft = `${path}.${own.token}`;
    await writeFile(draft, JSON.stringify(own), { mode: 0o600 });
    try {
      await claim(path, draft);
    } finally {
      await rm(draft, { force: true });
    }
    return new StateDirLock(path, own.token);
  }

  async release(): Promise<void> {
    const holder = holderIn(await contentOf(this.#path));
    if (holder?.token === this.#token) await rm(this.#path, { force: true });
  }
}

async function claim(path: string, draft: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await linked(draft, path)) return;
    const content = await contentOf(path);
    if (content === undefined) continue;
    const holder = holderIn(content);
    if (holder !== undefined && (await isAlive(holder))) {
      const wayOut = 'give each data plane its own HEADGATE_STATE_DIR, or stop the other one';
      throw new StateDirLockedError(`process ${holder.pid} holds ${path} — ${wayOut}`);
    }
    if (await replaced(path, content, draft)) return;
  }
  throw new StateDirLockedError(`others are claiming ${path} at this moment — start again`);
}

/** Puts the draft in the place of a dead lock, unless another claimant has done so. */
async function replaced(path: string, dead: string, draft: string): Promise<boolean> {
  const right = `${path}.${createHash('sha256').update(dead).digest('hex').slice(0, 16)}`;
  await claim(right, draft);
  try {
    if ((await contentOf(path)) !== dead) return false;
    await copyFile(draft, `${draft}.new`);
    await rename(`${draft}.new`, path);
    return true;
  } finally {
    await rm(right, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** undefined when the file is not there. */
async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** undefined when the content names no process. */
function holderIn(content: string | undefined): Holder | undefined {
  try {
    const { pid, started, token } = JSON.parse(content ?? '') as Partial<Holder>;
    const complete =
      Number.isSafeInteger(pid) && (pid ?? 0) > 0 && typeof started === 'string' && typeof token === 'string';
    return complete ? ({ pid, started, token } as Holder) : undefined;
  } catch {
    return undefined;
  }
}

async function isAlive({ pid, started }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and another user's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = await startOf(pid);
  return started === '' || now === '' || now === started;
}

/** Zombie or dead (proc(5): field 3 of stat). */
function hasEnded(state: string | undefined): boolean {
  return state === 'Z' || state === 'X';
}

/** Boot of the machine and start of the process within it (proc(5): field 22 of stat). */
async function startOf(pid: number): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in brackets, may hold anything: what follows the last bracket is regular.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // One that has ended and was not waited for yet holds nothing.
    return hasEnded(fields[0]) ? 'ended' : `${boot.trim()}/${fields[19] ?? ''}`;
  } catch {
    return '';
  }
}
