import { Counter, Gauge, type Registry } from 'prom-client';
import type { Registrations } from '../registration/registrations.ts';

/** Operators choose the names of backends, and may have very many: the number of series is bounded here. */
const MOST_BACKENDS = 200;

export interface ObservedRegistrations {
  readonly registrations: Pick<Registrations, 'counts' | 'paused' | 'heartbeats' | 'expired'>;
  /** Backends that have series of their own. Default 200. */
  readonly most?: number;
}

/** Registers metrics that read who is registered when they are asked for. Backends whose expiry is paused come first. */
export function registerRegistrationMetrics(registry: Registry, observed: ObservedRegistrations): void {
  const { registrations, most = MOST_BACKENDS } = observed;
  const registers = [registry];
  new Gauge({
    name: 'headgate_registrations',
    help: 'Servers that have registered themselves, by backend, for at most 200 of them; those whose expiry is paused come first',
    labelNames: ['backend'],
    registers,
    collect() {
      this.reset();
      const counts = registrations.counts();
      const backends = new Set([...registrations.paused().toSorted(), ...[...counts.keys()].sort()]);
      for (const backend of [...backends].slice(0, most)) this.set({ backend }, counts.get(backend) ?? 0);
    },
  });
  new Gauge({
    name: 'headgate_registration_paused_backends',
    help: 'Backends most of whose registered servers are silent, so that none expires for now',
    registers,
    collect() {
      this.set(registrations.paused().length);
    },
  });
  counter('headgate_registration_heartbeats_total', 'Registrations and heartbeats that were accepted', () => {
    return registrations.heartbeats;
  });
  counter('headgate_registrations_expired_total', 'Registered servers that have gone without heartbeats', () => {
    return registrations.expired;
  });

  function counter(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
}
