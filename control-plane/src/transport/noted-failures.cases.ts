import { createLogger } from '@headgate/shared/logger';
import type { ManualClock } from '@headgate/shared/manual-clock';
import { Registry } from 'prom-client';
import type { TlsListener } from '../config/tls-settings.ts';
import { registerTlsMetrics } from '../telemetry/tls-metrics.ts';
import { HandshakeFailures } from './handshake-failures.ts';

export interface NotedLine {
  readonly level: string;
  readonly reason: string;
  readonly remote?: string;
}

/** For tests: failed connections with what was logged and counted of them. */
export class NotedFailures {
  readonly handshakes: HandshakeFailures;
  readonly lines: NotedLine[] = [];
  readonly #registry = new Registry();

  constructor(listener: TlsListener, clock: ManualClock) {
    const write = (line: string): void => void this.lines.push(JSON.parse(line) as NotedLine);
    const logger = createLogger('test', 'debug', { write });
    const counter = registerTlsMetrics(this.#registry, new Map());
    this.handshakes = new HandshakeFailures({ listener, clock, logger, counter });
  }

  get reasons(): readonly string[] {
    return this.lines.map(({ reason }) => reason);
  }

  async count(): Promise<number> {
    const metric = await this.#registry.getSingleMetric('headgate_tls_handshake_failures_total')!.get();
    return metric.values.reduce((sum, { value }) => sum + value, 0);
  }
}
