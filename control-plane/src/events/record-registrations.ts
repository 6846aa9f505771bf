import type { Registrations } from '../registration/registrations.ts';
import type { EventLog } from './event-log.ts';

/** Puts down when expiry of registered servers pauses and goes on, from now on. Returns how to stop. */
export function recordRegistrations(registrations: Pick<Registrations, 'onPause'>, events: EventLog): () => void {
  return registrations.onPause(({ kind, ...data }) => {
    events.record(kind === 'begins' ? 'expiry_paused' : 'expiry_resumed', data);
  });
}
