import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ManualClock } from '@headgate/shared/manual-clock';
import { Registry } from 'prom-client';
import type { CompleteUpdate } from './complete-update.ts';
import { DiskCopy } from './disk-copy.ts';
import type { LoadedCopy } from './load-copy.ts';
import { restoreCopy } from './restore-copy.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';
import { StatusBoard } from './status-board.ts';
import { MapApplier, silent } from './sync-stage.cases.ts';

/** A data plane's keeper with its copy on disk, from start to end, as often as a test wants. */
export class DiskStage {
  readonly clock = new ManualClock();
  readonly path: string;
  applier = new MapApplier();
  #copy: DiskCopy | undefined;
  #registry = new Registry();
  #keeper: SnapshotKeeper | undefined;
  #board: StatusBoard | undefined;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<DiskStage> {
    return new DiskStage(join(await mkdtemp(join(tmpdir(), 'headgate-sync-')), 'state'));
  }

  get keeper(): SnapshotKeeper {
    return this.#keeper!;
  }

  get board(): StatusBoard {
    return this.#board!;
  }

  /** Starts the process. Resolves with the copy that is served. */
  async start(): Promise<LoadedCopy | undefined> {
    const { clock, path } = this;
    this.#registry = new Registry();
    this.applier = new MapApplier();
    this.#keeper = new SnapshotKeeper({ applier: this.applier, clock, logger: silent });
    this.#board = new StatusBoard({ clock, logger: silent, registry: this.#registry });
    this.#copy = await DiskCopy.open({ path, clock, logger: silent, registry: this.#registry });
    const copy = this.#copy;
    const loaded = await restoreCopy({ copy, keeper: this.keeper, board: this.board, logger: silent });
    await this.keeper.idle();
    this.keeper.onStep((step) => copy.note(step));
    return loaded;
  }

  async apply(update: CompleteUpdate): Promise<void> {
    const applied = await this.keeper.apply(update);
    if (!applied.ok) throw new Error(applied.faults.listed[0]?.code);
  }

  /** Applies an update and waits until it is on disk. */
  async write(update: CompleteUpdate): Promise<void> {
    await this.apply(update);
    const deadline = performance.now() + 15_000;
    while ((await this.metric('headgate_disk_copy_version')) !== update.id.version) {
      if (performance.now() > deadline) throw new Error(`version ${update.id.version} is not written`);
      this.clock.advance(200);
      await delay(1);
    }
  }

  async metric(name: string): Promise<number> {
    const { values } = await this.#registry.getSingleMetric(name)!.get();
    return values.reduce((sum, { value }) => sum + value, 0);
  }

  /** Ends the process in order. */
  async stop(): Promise<void> {
    await this.#copy?.close();
    this.#copy = undefined;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  read(name: string): Promise<Buffer> {
    return readFile(this.file(name));
  }

  overwrite(name: string, content: Uint8Array): Promise<void> {
    return writeFile(this.file(name), content);
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(join(this.path, '..'), { recursive: true, force: true });
  }
}
