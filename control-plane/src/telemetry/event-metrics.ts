import { Counter, Gauge, type Registry } from 'prom-client';
import type { EventListeners } from '../events/event-listeners.ts';
import type { EventLog } from '../events/event-log.ts';
import { eventTypes } from '../events/event.ts';

/** Registers metrics that read the events and their listeners when they are asked for. */
export function registerEventMetrics(registry: Registry, log: EventLog, listeners: EventListeners): void {
  const register = { registers: [registry] };
  new Counter({
    ...register,
    name: 'headgate_events_total',
    help: 'Events that listeners can hear of, by type',
    labelNames: ['type'],
    collect() {
      this.reset();
      for (const type of eventTypes) this.inc({ type }, log.counts.get(type) ?? 0);
    },
  });
  new Gauge({
    ...register,
    name: 'headgate_event_listeners',
    help: 'Listeners to events',
    collect() {
      this.set(listeners.open);
    },
  });
  new Counter({
    ...register,
    name: 'headgate_event_listeners_cut_off_total',
    help: 'Listeners that were cut off because they took too little',
    collect() {
      this.reset();
      this.inc(listeners.cutOff);
    },
  });
}
