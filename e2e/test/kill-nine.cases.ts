import { join } from 'node:path';
import Database from 'better-sqlite3';
import { seededRandom } from '../src/harness/seeded-random.ts';
import { siteHost, writeSite } from '../src/harness/site.ts';
import { System } from '../src/harness/system.ts';
import { Traffic } from '../src/harness/traffic.ts';

export interface KillNineOptions {
  readonly rounds: number;
  /** Decides when the control plane is killed. */
  readonly seed: number;
}

/** The control plane is killed again and again while it writes. */
export function describeKillNine({ rounds, seed }: KillNineOptions): void {
  describe('kill -9 of the control plane during writes', () => {
    let system: System;
    beforeAll(async () => {
      system = await System.start();
      await writeSite(system);
    });
    afterAll(() => system.close());

    it(`loses no acknowledged write in ${rounds} rounds, repeats no number, and traffic goes on`, async () => {
      const random = seededRandom(seed);
      const acknowledged = new Map<string, { revision: number; version: number }>();
      const traffic = new Traffic({ port: system.dataPlane.port, host: siteHost });
      let floor = { revision: 1, version: 2 };
      for (let round = 0; round < rounds; round++) {
        const writes = writeUntilKilled(system, round, acknowledged);
        await new Promise((resolve) => setTimeout(resolve, 50 + random() * 250));
        await system.controlPlane.stop('SIGKILL');
        await writes;
        await system.controlPlane.start();
        floor = await expectNothingLost(system, acknowledged, floor);
      }
      expect(acknowledged.size).toBeGreaterThan(rounds);
      expect(await traffic.stop()).toEqual([]);
      await system.api.converge(floor.version);
      await system.controlPlane.stop('SIGKILL');
      expect(integrityOf(join(system.directory, 'control-plane'))).toBe('ok');
    }, 900_000);
  });
}

/** Writes hosts one after the other until the control plane does not answer any more. */
async function writeUntilKilled(
  system: System,
  round: number,
  acknowledged: Map<string, { revision: number; version: number }>,
): Promise<void> {
  for (let count = 0; ; count++) {
    const host = `r${round}-${count}.example.com`;
    try {
      const { revision, version } = await system.api.write('PUT', `/api/v1/hosts/${host}`, { host, backend: 'web' });
      acknowledged.set(host, { revision, version });
    } catch {
      return;
    }
  }
}

async function expectNothingLost(
  system: System,
  acknowledged: ReadonlyMap<string, { revision: number; version: number }>,
  floor: { revision: number; version: number },
): Promise<{ revision: number; version: number }> {
  const config = await system.api.request<{ hosts: readonly { host: string }[] }>('GET', '/api/v1/config');
  const stored = new Set(config.body.hosts.map(({ host }) => host));
  expect([...acknowledged.keys()].filter((host) => !stored.has(host))).toEqual([]);
  const last = Math.max(floor.revision, ...[...acknowledged.values()].map(({ revision }) => revision));
  const probe = await system.api.write('PUT', '/api/v1/hosts/probe.example.com', {
    host: 'probe.example.com',
    routes: [{ match: { path: { exact: `/${last}` } }, backend: 'web' }],
  });
  expect(probe.revision).toBeGreaterThan(last);
  expect(probe.version).toBeGreaterThan(floor.version);
  const numbers = [...acknowledged.values()];
  expect(new Set(numbers.map(({ revision }) => revision)).size).toBe(numbers.length);
  expect(new Set(numbers.map(({ version }) => version)).size).toBe(numbers.length);
  return probe;
}

function integrityOf(dataDir: string): unknown {
  const database = new Database(join(dataDir, 'headgate.db'), { readonly: true });
  try {
    return database.pragma('integrity_check', { simple: true });
  } finally {
    database.close();
  }
}
