import { setTimeout as delay } from 'node:timers/promises';
import type { System } from '../../src/harness/system.ts';

const algorithms = ['round_robin', 'least_connections', 'power_of_two', 'random'] as const;

export interface ChurnOptions {
  readonly system: System;
  readonly host: string;
  /** The first is there all the time. */
  readonly ports: readonly number[];
  readonly random: () => number;
}

/** Changes the configuration again and again, by changes that no request may suffer from. */
export class ConfigurationChurn {
  changes = 0;
  readonly #options: ChurnOptions;

  constructor(options: ChurnOptions) {
    this.#options = options;
  }

  /** What there is at first. */
  async begin(): Promise<void> {
    const { system, host, ports } = this.#options;
    const { version } = await system.api.write('PUT', '/api/v1/config', {
      backends: [{ name: 'web', servers: ports.map((port) => ({ address: '127.0.0.1', port })) }],
      hosts: [{ host, backend: 'web' }],
    });
    await system.api.converge(version);
  }

  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await this.#change();
      this.changes++;
      await delay(20 + this.#options.random() * 200);
    }
  }

  async #change(): Promise<void> {
    const { system, ports, random } = this.#options;
    const one = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
    const server = `/api/v1/backends/web/servers/127.0.0.1:${one(ports.slice(1))}`;
    switch (Math.floor(random() * 6)) {
      case 0:
        return void (await system.api.request('DELETE', server));
      case 1:
        return void (await system.api.write('PUT', server, { weight: 1 + Math.floor(random() * 10) }));
      case 2:
        return void (await system.api.request('PATCH', server, { state: one(['active', 'draining']) }));
      case 3:
        return void (await system.api.write('PATCH', '/api/v1/backends/web', {
          balance: { algorithm: one(algorithms) },
        }));
      default:
        return this.#changeHost(`h${Math.floor(random() * 50)}.example.com`);
    }
  }

  async #changeHost(host: string): Promise<void> {
    const { system, random } = this.#options;
    const path = `/api/v1/hosts/${host}`;
    if (random() < 0.5) await system.api.write('PUT', path, { host, backend: 'web' });
    else await system.api.request('DELETE', path);
  }
}
