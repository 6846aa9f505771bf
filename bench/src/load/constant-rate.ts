import { join } from 'node:path';
import { LOAD_CORE } from '../machine/cores.ts';
import { PinnedProcess } from '../machine/pinned-process.ts';

export interface RateOrder {
  readonly port: number;
  readonly perSecond: number;
  readonly seconds: number;
  readonly connections: number;
  /** Heads with their contents, sent in turn. Default: a GET of a.example.com, each time of another target. */
  readonly requests?: readonly string[];
  /** Default: that of the load. */
  readonly cores?: string;
}

export interface RateReport {
  /** When each answered request was due, by the client's clock, and how long after that it was answered, in ms. */
  readonly answers: readonly (readonly [dueMs: number, tookMs: number])[];
  /** Requests that were not answered with success or not at all, and connections that were cut. */
  readonly failed: number;
  /** Unix time of the client's time 0, in ms. */
  readonly timeOriginMs: number;
}

const client = join(import.meta.dirname, 'constant-rate-client.js');

/** Asks so often each second, whatever the answers do. */
export async function constantRate({ cores = LOAD_CORE, ...order }: RateOrder): Promise<RateReport> {
  const started = new PinnedProcess({ cores, command: [process.execPath, client], messages: true });
  const report = new Promise<RateReport>((resolve) => started.child.once('message', resolve as (of: unknown) => void));
  started.child.send(order);
  const failed = started.finished().then(() => {
    throw new Error(`the client ended without a report:\n${started.output}`);
  });
  // The report comes first; an end without one is the failure.
  failed.catch(() => undefined);
  return Promise.race([report, failed]);
}
