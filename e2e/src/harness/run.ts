import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ChildProcess } from './child-process.ts';
import { listening } from './control-plane-process.ts';
import { DemoServer } from './demo-server.ts';
import { planePaths } from './plane-paths.ts';
import { waitUntil } from './wait-until.ts';

/**
 * `make run`: one control plane, one data plane and, unless CONFIG names a configuration of one's own, two demo servers
 * of one backend. Runs until Ctrl-C. DATA_DIR keeps the data; otherwise a fresh folder is used and removed.
 */
async function main(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  const named = process.env['DATA_DIR'];
  const directory = named ? resolve(named) : await mkdtemp(join(tmpdir(), 'headgate-'));
  await mkdir(directory, { recursive: true });
  const cleanups: (() => Promise<unknown>)[] = [];
  if (!named) cleanups.push(() => rm(directory, { recursive: true, force: true }));
  try {
    await run(directory, cleanups, stop.signal);
  } catch (error) {
    console.error(`headgate: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

async function run(directory: string, cleanups: (() => Promise<unknown>)[], stop: AbortSignal): Promise<void> {
  const config = process.env['CONFIG'] ? resolve(process.env['CONFIG']) : await startDemo(directory, cleanups);
  const controlPlane = startPlane('control-plane', directory, cleanups, {
    HEADGATE_DATA_DIR: join(directory, 'control-plane'),
    HEADGATE_INITIAL_CONFIG: config,
  });
  const [api, grpc] = await Promise.all([listening(controlPlane, 'api'), listening(controlPlane, 'grpc')]);
  const dataPlane = startPlane('data-plane', directory, cleanups, {
    HEADGATE_STATE_DIR: join(directory, 'data-plane'),
    HEADGATE_CONTROL_PLANE: grpc,
    HEADGATE_JOIN_TOKEN: await secret(directory, 'join-token'),
    HEADGATE_SHUTDOWN_DELAY: '0s',
    HEADGATE_SHUTDOWN_TIMEOUT: '2s',
  });
  const [http, admin] = await Promise.all([listening(dataPlane, 'http'), listening(dataPlane, 'admin')]);
  await waitUntil('the data plane is ready', async () => (await fetch(`http://${admin}/readyz`)).status === 200);
  explain({ directory, api, http, admin, demo: !process.env['CONFIG'] });
  await stoppedOrEnded(stop, { 'control plane': controlPlane, 'data plane': dataPlane });
}

function startPlane(
  plane: 'control-plane' | 'data-plane',
  directory: string,
  cleanups: (() => Promise<unknown>)[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const log: WriteStream = createWriteStream(join(directory, `${plane}.log`), { flags: 'a' });
  const child = ChildProcess.start({
    script: plane === 'control-plane' ? planePaths.controlPlane : planePaths.dataPlane,
    env,
    inheritSettings: true,
    onLine: (line) => void log.write(`${line}\n`),
  });
  cleanups.push(async () => {
    await child.stop('SIGTERM', 5_000);
    await new Promise<void>((done) => log.end(done));
  });
  return child;
}

async function startDemo(directory: string, cleanups: (() => Promise<unknown>)[]): Promise<string> {
  const servers = await Promise.all(['blue', 'green'].map((name) => new DemoServer(name).start()));
  cleanups.push(() => Promise.all(servers.map((server) => server.stop())));
  const backend = {
    name: 'demo',
    servers: servers.map(({ port }) => ({ address: '127.0.0.1', port })),
    healthCheck: { type: 'http', path: '/', interval: '1s', timeout: '500ms' },
  };
  const path = join(directory, 'demo.json');
  await writeFile(path, JSON.stringify({ backends: [backend], hosts: [{ host: 'demo.localhost', backend: 'demo' }] }));
  return path;
}

async function secret(directory: string, file: string): Promise<string> {
  return (await readFile(join(directory, 'control-plane', file), 'utf8')).trim();
}

function explain(where: { directory: string; api: string; http: string; admin: string; demo: boolean }): void {
  const host = where.demo ? 'demo.localhost' : 'www.example.com';
  const token = `"Authorization: Bearer $(cat ${join(where.directory, 'control-plane', 'admin-token')})"`;
  console.log(`
Headgate is running. Ctrl-C stops it.

  traffic         http://${where.http}
  control plane   http://${where.api}
  data plane      http://${where.admin}   (livez, readyz, metrics, config)
  data and logs   ${where.directory}

Try, in another terminal:
  curl -H 'Host: ${host}' http://${where.http}/
  curl -H ${token} http://${where.api}/api/v1/config
  curl -H ${token} http://${where.api}/api/v1/data-planes
`);
}

/** Waits for the signal; a plane that ends before is an error. */
async function stoppedOrEnded(stop: AbortSignal, planes: Readonly<Record<string, ChildProcess>>): Promise<void> {
  const stopped = new Promise<undefined>((done) => {
    if (stop.aborted) done(undefined);
    stop.addEventListener('abort', () => done(undefined), { once: true });
  });
  const ends = Object.entries(planes).map(async ([name, child]) => {
    await child.closed;
    return { name, child };
  });
  const ended = await Promise.race([stopped, ...ends]);
  if (ended === undefined || stop.aborted) return;
  throw new Error(`the ${ended.name} has ended:\n${ended.child.output.slice(-2_000)}`);
}

await main();
