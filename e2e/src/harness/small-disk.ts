import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of its own in memory, which can be filled. Needs root and the right to mount. */
export class SmallDisk {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Undefined where nothing may be mounted. */
  static mount(sizeMiB: number): SmallDisk | undefined {
    const directory = mkdtempSync(join(tmpdir(), 'headgate-disk-'));
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', directory]).status === 0) {
      return new SmallDisk(directory);
    }
    rmdirSync(directory);
    return undefined;
  }

  /** Leaves no byte on the disk. Returns how to make room again. */
  fill(): () => void {
    const path = join(this.directory, 'filler');
    const descriptor = openSync(path, 'w');
    for (const size of [65_536, 512, 1]) writeUntilFull(descriptor, Buffer.alloc(size));
    closeSync(descriptor);
    return () => rmSync(path);
  }

  /** Lazily: something may still have files open. */
  unmount(): void {
    spawnSync('umount', ['-l', this.directory]);
    rmdirSync(this.directory);
  }
}

function writeUntilFull(descriptor: number, chunk: Buffer): void {
  try {
    for (;;) writeSync(descriptor, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
