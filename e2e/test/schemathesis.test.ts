import { spawn, spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlPlaneProcess } from '../src/harness/control-plane-process.ts';
import { DataPlaneProcess } from '../src/harness/data-plane-process.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

const FUZZING_SECONDS = 30;
const LIMIT_MS = 240_000;

/** On the PATH, in the place where CI installs it, or as a module of Python; undefined when it is not here. */
const command = [
  ['schemathesis'],
  [join(homedir(), '.cache', 'headgate', 'schemathesis', 'bin', 'schemathesis')],
  ['python3', '-m', 'schemathesis'],
].find(([program, ...args]) => spawnSync(program!, [...args, '--version']).status === 0);

/** Its configuration, which it looks for where it runs and where it leaves files of its own. */
const configuration = join(import.meta.dirname, 'schemathesis');

if (command === undefined && process.env['CI'] === 'true') throw new Error('schemathesis is not installed');
const withSchemathesis = command === undefined ? it.skip : it;

describe('the API as its OpenAPI document describes it (needs schemathesis: pip install schemathesis)', () => {
  let directory: string;
  let controlPlane: ControlPlaneProcess;
  /** Somebody who can be asked to explain. */
  let dataPlane: DataPlaneProcess;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'headgate-'));
    await cp(configuration, directory, { recursive: true });
    controlPlane = await ControlPlaneProcess.start({
      dataDir: join(directory, 'data'),
      // It tries a bad token at every operation, and 429 is not what it expects.
      env: { HEADGATE_BAD_TOKENS_PER_MINUTE: '100000' },
    });
    dataPlane = await DataPlaneProcess.start({
      id: 'asked',
      stateDir: join(directory, 'state'),
      controlPlane: controlPlane.grpcAddress,
      joinToken: await controlPlane.joinToken(),
    });
    await waitUntil('the data plane is connected', () => dataPlane.isReady());
  });
  afterAll(async () => {
    await dataPlane.stop('SIGKILL');
    await controlPlane.stop('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });

  withSchemathesis(
    'holds against requests that were made from it: no 5xx, no answer but those described, no ignored token',
    async () => {
      const [program, ...args] = command!;
      const { exitCode, output } = await runToEnd(program!, [...args, ...(await options(controlPlane))], directory);
      if (exitCode !== 0) throw new Error(output.slice(-20_000));
      expect(output).not.toMatch(/\b0 selected/);
      expect((await fetch(`${controlPlane.apiUrl}/livez`)).status).toBe(200);
    },
    LIMIT_MS,
  );
});

async function options(controlPlane: ControlPlaneProcess): Promise<readonly string[]> {
  return [
    ...['run', `${controlPlane.apiUrl}/openapi.json`],
    ...['--header', `Authorization: Bearer ${await controlPlane.adminToken()}`],
    ...['--checks', 'all'],
    // The one operation that answers for as long as its caller listens.
    ...['--exclude-operation-id', 'streamEvents'],
    ...['--max-examples', '10', '--max-time', String(FUZZING_SECONDS), '--seed', '1', '--request-timeout', '10'],
  ];
}

function runToEnd(
  program: string,
  args: readonly string[],
  directory: string,
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS - 10_000,
    });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, output: Buffer.concat(chunks).toString() }));
  });
}
