import { Counter, Gauge, type Registry } from 'prom-client';
import type { RefusedRequest } from '../access/audit-log.ts';
import type { TokenRegister } from '../access/token-register.ts';

/** Counts refused requests by code; names and addresses are no labels, because callers choose them. */
export function createRefusalMetrics(registry: Registry): (refusal: RefusedRequest) => void {
  const refusals = new Counter({
    name: 'headgate_refused_requests_total',
    help: 'Requests and streams that were refused and noted in the audit log, by code',
    labelNames: ['code'],
    registers: [registry],
  });
  return ({ code }) => refusals.inc({ code });
}

/** Registers a gauge of the tokens that there are. */
export function registerTokenMetrics(registry: Registry, tokens: Pick<TokenRegister, 'size'>): void {
  new Gauge({
    name: 'headgate_tokens',
    help: 'Tokens of the API beside the built-in one, expired ones included',
    registers: [registry],
    collect() {
      this.set(tokens.size);
    },
  });
}
