import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import type { HealthCheck } from '@headgate/shared/model/health-check';
import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { NameTable } from '../resolution/name-table.ts';
import { ServingState } from '../routing/serving-state.ts';
import { backend, full, httpCheck, server } from '../routing/snapshot-objects.cases.ts';
import { DrainTimers } from '../upstream/drain-timers.ts';
import { ServerSlots } from '../upstream/server-slots.ts';
import { HealthTable } from './health-table.ts';
import { RawServer, until } from './probe.cases.ts';
import { Prober, type ProberOptions } from './prober.ts';

/** What tests have opened, closed after each. */
export const opened: { close(): Promise<void> | void }[] = [];

export async function closeOpened(): Promise<void> {
  for (const each of opened.splice(0)) await each.close();
}

/** A data plane as far as its health room goes, on a clock that stands still, with even draws unless told otherwise. */
export class Plane {
  readonly clock = new ManualClock();
  readonly slots = new ServerSlots();
  readonly serving = new ServingState({ slots: this.slots, drains: new DrainTimers(this) });
  readonly health = new HealthTable(this);
  readonly names = new NameTable();
  readonly prober: Prober;
  #version = 0;

  constructor(options: Omit<Partial<ProberOptions>, 'names'> = {}) {
    const logger = createLogger('test', 'silent');
    this.prober = new Prober({ ...this, logger, random: () => 0.5, ...options });
    opened.push(this.prober);
    this.prober.start();
  }

  async serve(...objects: readonly SnapshotObject[]): Promise<void> {
    const prepared = await this.serving.prepare(full(++this.#version, ...objects));
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
    prepared.commit();
  }

  /** Moves on step by step, and lets every probe end that a step has begun. */
  async run(milliseconds: number, stepMs = 100): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += stepMs) {
      this.clock.advance(stepMs);
      await until(() => this.prober.load.running === 0);
    }
  }

  verdicts(owner: string): string {
    const candidates = this.serving.table.value.backends.get(owner)?.candidates ?? [];
    return candidates.map((candidate) => 'uhd'[this.slots.verdicts[candidate.server.slot]!]).join('');
  }

  ended(): number {
    return Object.values(this.prober.counts).reduce((a, b) => a + b, 0);
  }
}

/** A server that answers with a status that can be changed. */
export class Origin {
  status = 200;
  readonly times: number[] = [];

  static async start(clock?: ManualClock): Promise<Origin & { port: number; raw: RawServer }> {
    const origin = new Origin();
    const raw = await RawServer.start((socket) => {
      if (clock !== undefined) origin.times.push(clock.monotonic());
      socket.once('data', () => socket.end(`HTTP/1.1 ${origin.status} x\r\n\r\n`));
    });
    opened.push(raw);
    return Object.assign(origin, { port: raw.port, raw });
  }
}

/** Accepts and never says anything. */
export async function silentOrigin(): Promise<RawServer> {
  const raw = await RawServer.start();
  opened.push(raw);
  return raw;
}

export async function unusedPort(): Promise<number> {
  const raw = await RawServer.start();
  const { port } = raw;
  await raw.close();
  return port;
}

export const local = (owner: string, port: number) => server(owner, port, { address: '127.0.0.1' });
export const quick = { intervalMs: 1_000, timeoutMs: 500, fall: 3, rise: 2 };
export const web = (settings: Partial<HealthCheck> = {}) =>
  backend('web', { healthCheck: httpCheck({ ...quick, ...settings }) });
