import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answersOn } from './answers-on.ts';
import { LOAD_CORE } from '../machine/cores.ts';
import { needProgram } from '../machine/find-program.ts';
import { freePorts } from '../machine/free-ports.ts';
import { PinnedProcess } from '../machine/pinned-process.ts';
import type { Endpoint } from './endpoint.ts';
import type { Workspace } from './workspace.ts';

const PORTS = 4;
const KIB = 'x'.repeat(1_024);

/** What everything forwards to: an nginx on the core of the load, which listens on as many endpoints as are asked for. */
export class Origin {
  readonly endpoints: readonly Endpoint[];
  readonly #process: PinnedProcess;

  private constructor(endpoints: readonly Endpoint[], process: PinnedProcess) {
    this.endpoints = endpoints;
    this.#process = process;
  }

  /** Further endpoints are on 127.0.0.2, 127.0.0.3…, which loopback has on Linux. */
  static async start(workspace: Workspace, count = PORTS): Promise<Origin> {
    const ports = await freePorts(PORTS);
    const endpoints = Array.from({ length: count }, (_, index) => ({
      address: `127.0.0.${Math.floor(index / PORTS) + 1}`,
      port: ports[index % PORTS]!,
    }));
    await mkdir(join(workspace.directory, 'www'), { recursive: true });
    await writeFile(join(workspace.directory, 'www', '1m.bin'), 'y'.repeat(1_048_576));
    const listen = endpoints.map(({ address, port }) => `    listen ${address}:${port} backlog=4096;`);
    const file = await workspace.fill('origin.conf', { SERVERS: listen.join('\n'), KIB });
    const nginx = needProgram('nginx', 'apt-get install nginx');
    const process = new PinnedProcess({ cores: LOAD_CORE, command: [nginx, '-e', 'stderr', '-c', file] });
    await answersOn(endpoints[0]!.port, process);
    return new Origin(endpoints, process);
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}
