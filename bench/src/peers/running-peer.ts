import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { PROXY_CORE } from '../machine/cores.ts';
import { findProgram } from '../machine/find-program.ts';
import { freePort } from '../machine/free-ports.ts';
import { PinnedProcess } from '../machine/pinned-process.ts';
import { answersOn } from './answers-on.ts';
import type { Endpoint } from './endpoint.ts';
import type { Peer } from './peers.ts';
import type { Workspace } from './workspace.ts';

/** A peer that listens, on the core of proxies. */
export interface RunningPeer {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  readonly version: string;
  stop(): Promise<void>;
}

/** Starts the peer in front of these servers; a text that says what is missing when it is not installed. */
export async function startPeer(
  peer: Peer,
  { workspace, endpoints }: { readonly workspace: Workspace; readonly endpoints: readonly Endpoint[] },
): Promise<RunningPeer | string> {
  const program = peer.program === 'node' ? process.execPath : findProgram(peer.program);
  const absent = (peer.needs ?? []).filter((file) => !existsSync(file));
  if (program === undefined || absent.length > 0) return `${peer.name} is missing: ${peer.install}`;
  const port = await freePort();
  const env = {
    ...peer.env,
    PORT: String(port),
    ORIGINS: endpoints.map(({ address, port }) => `${address}:${port}`).join(','),
  };
  const command = [program, ...peer.arguments(await configurationOf(peer, { workspace, endpoints, port }))];
  const started = new PinnedProcess({ cores: PROXY_CORE, command, env });
  try {
    await answersOn(port, started);
  } catch (error) {
    await started.stop('SIGKILL');
    throw error;
  }
  return { name: peer.name, pid: started.pid, port, version: versionOf(peer, program), stop: () => started.stop() };
}

async function configurationOf(
  { template, serverLine }: Peer,
  on: { readonly workspace: Workspace; readonly endpoints: readonly Endpoint[]; readonly port: number },
): Promise<string> {
  if (template === undefined || serverLine === undefined) return '';
  const separator = template === 'Caddyfile' ? ' ' : '\n';
  const servers = on.endpoints.map(serverLine).join(separator);
  return on.workspace.fill(template, { PORT: String(on.port), SERVERS: servers });
}

function versionOf(peer: Peer, program: string): string {
  if (peer.program === 'node') return `on Node ${process.version}`;
  const { stdout, stderr } = spawnSync(program, peer.version, { encoding: 'utf8' });
  return /\d+\.\d+(\.\d+)?/.exec(stdout + stderr)?.[0] ?? 'of unknown version';
}
