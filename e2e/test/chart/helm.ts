import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseDocument } from '@headgate/shared/json/parse-document';
import { repository } from '../image/repository.ts';
import type { Manifest } from './manifest.ts';

export const chart = join(repository, 'charts', 'headgate');

/** How to get Helm. */
export const helmNeeded = 'scripts/build-test-peers.sh ~/.cache/headgate-tools helm';

export interface RenderOptions {
  /** A file of charts/headgate/ci without its ending. */
  readonly shape?: string;
  /** `--set` arguments. */
  readonly set?: readonly string[];
  /** Default: 1.34.0. */
  readonly kubernetes?: string;
  /** Default: test. */
  readonly release?: string;
  /** Default: edge. */
  readonly namespace?: string;
}

export interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

/** The Helm program, on the chart. */
export class Helm {
  readonly #program: string;
  readonly #kubeconfig: string | undefined;

  constructor(program: string, kubeconfig?: string) {
    this.#program = program;
    this.#kubeconfig = kubeconfig;
  }

  /** Everything that an installation would apply. */
  render(options: RenderOptions = {}): readonly Manifest[] {
    const { release = 'test', namespace = 'edge' } = options;
    const args = ['template', release, chart, '--namespace', namespace, ...valuesOf(options)];
    const text = execFileSync(this.#program, args, { encoding: 'utf8', stdio: 'pipe' });
    return text
      .split(/^---$/m)
      .filter((part) => /^kind:/m.test(part))
      .map(parse);
  }

  /** What rendering says, an error as well. */
  tryRender(options: RenderOptions): Outcome {
    return this.run(['template', 'test', chart, ...valuesOf(options)]);
  }

  lint(shape: string): Outcome {
    return this.run(['lint', '--strict', chart, ...valuesOf({ shape })]);
  }

  /** Any command, on the cluster when there is one. */
  run(args: readonly string[]): Outcome {
    const env = { ...process.env, ...(this.#kubeconfig === undefined ? {} : { KUBECONFIG: this.#kubeconfig }) };
    const { status, stdout, stderr } = spawnSync(this.#program, args, { encoding: 'utf8', env, timeout: 120_000 });
    return { ok: status === 0, output: `${stdout}${stderr}` };
  }
}

export function shapeFile(shape: string): string {
  return join(chart, 'ci', `${shape}-values.yaml`);
}

function valuesOf({ shape, set = [], kubernetes = '1.34.0' }: RenderOptions): readonly string[] {
  const file = shape === undefined ? [] : ['--values', shapeFile(shape)];
  return [...file, ...set.flatMap((value) => ['--set-json', value]), '--kube-version', kubernetes];
}

function parse(text: string): Manifest {
  const parsed = parseDocument(text);
  if (!parsed.ok) throw new Error(`${JSON.stringify(parsed.faults)}\n${text}`);
  return parsed.value as Manifest;
}
