import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ChildProcess } from '../../src/harness/child-process.ts';
import type { PrivateNetwork } from './private-network.ts';
import { imageDeclaration, type ImageDeclaration, type Plane } from './image-declaration.ts';
import { repository } from './repository.ts';

const IMAGE_USER = 65_532;

export interface StartOptions {
  /** Default: the image's entry point. */
  readonly command?: readonly string[];
  /** What is at /etc. Default: nothing. */
  readonly etc?: string;
  /** Default: that of this process. */
  readonly network?: PrivateNetwork;
}

/** What `assemble-image-tree.mjs` makes of a plane, and processes on it that are confined as in a container. */
export class ImageTree {
  readonly folder: string;
  readonly declaration: ImageDeclaration;
  readonly #directory: string;
  #processes = 0;

  private constructor(plane: Plane, directory: string) {
    this.declaration = imageDeclaration(plane);
    this.#directory = directory;
    this.folder = join(directory, 'tree');
  }

  static assemble(plane: Plane, architecture?: string): ImageTree {
    const tree = new ImageTree(plane, mkdtempSync(join(tmpdir(), 'headgate-image-')));
    const script = join(repository, 'scripts', 'assemble-image-tree.mjs');
    const extra = architecture === undefined ? [] : [architecture];
    execFileSync(process.execPath, [script, plane, tree.folder, ...extra], { encoding: 'utf8' });
    return tree;
  }

  /** Whether this process may make roots and become another user. */
  static canConfine(): boolean {
    return process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;
  }

  /** A data directory of its own that the image's user owns. */
  dataDirectory(): string {
    const data = join(this.#directory, `data-${++this.#processes}`);
    mkdirSync(data, { mode: 0o700 });
    chownSync(data, IMAGE_USER, IMAGE_USER);
    return data;
  }

  /** Runs the entry point, or another command, with the image's environment and these settings on top. */
  start(data: string, env: Readonly<Record<string, string>>, options: StartOptions = {}): ChildProcess {
    const { command = this.declaration.entrypoint, etc = this.#empty('etc'), network } = options;
    const settings = Object.entries({ ...this.declaration.env, ...env }).map(([name, value]) => `${name}=${value}`);
    const confine = join(repository, 'e2e', 'test', 'image', 'confine.sh');
    const places = [this.#empty('root'), this.folder, dirname(process.execPath), data, etc];
    const confined = ['unshare', '--mount', '--propagation', 'private', confine, ...places, ...settings, ...command];
    const [program = '', ...args] = network === undefined ? confined : network.around(confined);
    return ChildProcess.startProgram({ program, args });
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #empty(name: string): string {
    const folder = mkdtempSync(join(this.#directory, `${name}-`));
    chmodSync(folder, 0o755);
    return folder;
  }
}
