import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const BASE = /^base-(\d{1,15})$/;
const COPY_FILE = /^(?:base|journal)-(\d{1,15})(?:\.tmp)?$/;

/** The folder that the disk copies are in: `base-7` and `journal-7` are one copy, the one with the highest number. */
export class StateDir {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder when it is not there, for this user alone. */
  async create(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
  }

  base(number: number): string {
    return join(this.path, `base-${number}`);
  }

  journal(number: number): string {
    return join(this.path, `journal-${number}`);
  }

  /** Numbers of the copies, newest first. */
  async copies(): Promise<readonly number[]> {
    const names = await readdir(this.path);
    const numbers = names.map((name) => BASE.exec(name)?.[1]).filter((digits) => digits !== undefined);
    return numbers.map(Number).sort((a, b) => b - a);
  }

  /** The highest number that any file has, 0 when there is none. A number is never used twice. */
  async highest(): Promise<number> {
    const names = await readdir(this.path);
    return Math.max(0, ...names.map((name) => Number(COPY_FILE.exec(name)?.[1] ?? 0)));
  }

  /** Removes the files of every copy but those named. */
  async removeExcept(kept: ReadonlySet<number>): Promise<void> {
    for (const name of await readdir(this.path)) {
      const digits = COPY_FILE.exec(name)?.[1];
      if (digits === undefined || kept.has(Number(digits))) continue;
      await rm(join(this.path, name), { force: true, recursive: true });
    }
  }

  /** Makes names that were added or replaced survive a power cut. */
  async sync(): Promise<void> {
    const folder = await open(this.path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
