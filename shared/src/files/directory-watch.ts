import { watch, type FSWatcher } from 'node:fs';

export interface DirectoryWatchOptions {
  /** Each is watched once. */
  readonly directories: readonly string[];
  /** Something happened in a directory, not always to a file that matters. */
  readonly onEvent: () => void;
  /** A directory cannot be watched, or no longer. */
  readonly onError: (directory: string, error: unknown) => void;
}

/**
 * Hears of changes in some directories. Directories and not files, because a file is replaced by renaming
 * another one (or, in a Kubernetes volume, a symlink beside it) into its place, and a watch stays with the old inode. It
 * may miss changes (a directory that is itself replaced, network file systems, no watches left): look now and then.
 */
export class DirectoryWatch {
  readonly #options: DirectoryWatchOptions;
  readonly #directories: readonly string[];
  #watchers: readonly FSWatcher[] = [];

  constructor(options: DirectoryWatchOptions) {
    this.#options = options;
    this.#directories = [...new Set(options.directories)];
  }

  /** Watches what has the directories' names now. To be called again when it may have missed something. */
  renew(): void {
    this.close();
    this.#watchers = this.#directories.flatMap((directory) => this.#watch(directory));
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }

  #watch(directory: string): readonly FSWatcher[] {
    const { onEvent, onError } = this.#options;
    try {
      const watcher = watch(directory, { persistent: false }, onEvent);
      watcher.on('error', (error) => {
        watcher.close();
        onError(directory, error);
      });
      return [watcher];
    } catch (error) {
      onError(directory, error);
      return [];
    }
  }
}
