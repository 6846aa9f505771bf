import { open } from 'node:fs/promises';
import { JOURNAL_MAGIC } from './disk-copy-format.ts';
import type { StateDir } from './state-dir.ts';

/** The journal of one base, made when the first records come. After a failed append it must not be used again. */
export class JournalFile {
  readonly #dir: StateDir;
  readonly #number: number;
  #bytes = 0;

  constructor(dir: StateDir, number: number) {
    this.#dir = dir;
    this.#number = number;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves when the records are on the medium. */
  async append(records: readonly Buffer[]): Promise<void> {
    const isNew = this.#bytes === 0;
    const block = Buffer.concat(isNew ? [JOURNAL_MAGIC, ...records] : records);
    const file = await open(this.#dir.journal(this.#number), isNew ? 'wx' : 'a', 0o600);
    try {
      await file.appendFile(block);
      await file.sync();
    } finally {
      await file.close();
    }
    if (isNew) await this.#dir.sync();
    this.#bytes += block.length;
  }
}
