import { ManualClock } from '@headgate/shared/manual-clock';
import type { PauseChange } from '../registration/lease-table.ts';
import { EventLog } from './event-log.ts';
import { eventTypes } from './event.ts';
import { recordRegistrations } from './record-registrations.ts';

describe('events about registrations', () => {
  it('say when expiry pauses and goes on', () => {
    const events = new EventLog({ clock: new ManualClock() });
    let tell: (change: PauseChange) => void = () => undefined;
    const onPause = (listener: typeof tell): (() => void) => {
      tell = listener;
      return () => (tell = () => undefined);
    };
    const stop = recordRegistrations({ onPause }, events);
    tell({ kind: 'begins', backend: 'web', silent: 3, leases: 4 });
    tell({ kind: 'ends', backend: 'web', reason: 'time', expired: 3 });
    stop();
    tell({ kind: 'begins', backend: 'web', silent: 3, leases: 4 });
    const { text } = events.read(0, new Set(eventTypes), 10_000)!;
    const told = [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, type, data]) => [
      type,
      JSON.parse(data!) as unknown,
    ]);
    expect(told).toMatchObject([
      ['expiry_paused', { backend: 'web', silent: 3, leases: 4 }],
      ['expiry_resumed', { backend: 'web', reason: 'time', expired: 3 }],
    ]);
    expect(told).toHaveLength(2);
  });
});
