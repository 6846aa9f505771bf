import type { FleetOccurrence } from '../fleet/fleet-occurrence.ts';
import type { FleetRegister } from '../fleet/fleet-register.ts';
import type { EventLog } from './event-log.ts';
import type { EventData, EventType } from './event.ts';

/** An outage of everything is one event, and so is a snapshot of faults alone; the data plane itself shows the rest. */
const MOST_SERVERS = 50;
const MOST_ERRORS = 10;

/** Puts down what happens to data planes from now on. Returns how to stop. */
export function recordFleet(register: Pick<FleetRegister, 'onOccurrence'>, events: EventLog): () => void {
  return register.onOccurrence((occurrence) => {
    // A full set that says nothing new.
    if (occurrence.kind === 'health' && occurrence.changes.length === 0) return;
    const { type, ...data } = eventOf(occurrence);
    events.record(type, { dataPlane: occurrence.id, ...data });
  });
}

function eventOf(occurrence: FleetOccurrence): EventData & { readonly type: EventType } {
  switch (occurrence.kind) {
    case 'joined': {
      const { held, labels, softwareVersion, threads } = occurrence.introduction;
      return { type: 'join', epoch: held.epoch, version: held.version, labels, softwareVersion, threads };
    }
    case 'left':
      return { type: 'leave', epoch: occurrence.held.epoch, version: occurrence.held.version };
    case 'forgotten':
      return { type: 'forget' };
    case 'acked':
      return { type: 'ack', epoch: occurrence.held.epoch, version: occurrence.held.version };
    case 'nacked': {
      const { epoch, version, errors, totalErrors } = occurrence.nack;
      return { type: 'nack', epoch, version, errors: errors.slice(0, MOST_ERRORS), totalErrors };
    }
    case 'health': {
      const { changes } = occurrence;
      const servers = changes.slice(0, MOST_SERVERS).map(({ server, verdict, lastError }) => {
        return { server, verdict, lastError };
      });
      return { type: 'health', servers, totalServers: changes.length };
    }
    case 'troubled':
      return { type: 'problem', ...occurrence.problem };
  }
}
