import { EventRing } from './event-ring.ts';
import type { RecordedEvent } from './event.ts';

function event(number: number, frame = 'x'): RecordedEvent {
  return { number, type: 'ack', frame };
}

function kept(ring: EventRing): readonly number[] {
  const numbers: number[] = [];
  for (let number = 0; number <= ring.newest + 1; number++) {
    const found = ring.get(number);
    if (found === undefined) continue;
    expect(found.number).toBe(number);
    numbers.push(number);
  }
  return numbers;
}

describe('the ring of events', () => {
  it('is empty at first', () => {
    const ring = new EventRing();
    expect([ring.oldest, ring.newest, kept(ring)]).toEqual([1, 0, []]);
  });

  it('keeps so many events, the last ones', () => {
    const ring = new EventRing({ events: 3 });
    for (let number = 1; number <= 8; number++) ring.push(event(number));
    expect([ring.oldest, ring.newest, kept(ring)]).toEqual([6, 8, [6, 7, 8]]);
  });

  it('keeps so much text, and always the newest', () => {
    const ring = new EventRing({ characters: 10 });
    for (const [index, frame] of ['aaaa', 'bbbb', 'cc', 'ddd'].entries()) ring.push(event(index + 1, frame));
    expect(kept(ring)).toEqual([2, 3, 4]);
    ring.push(event(5, 'e'.repeat(50)));
    expect(kept(ring)).toEqual([5]);
    ring.push(event(6));
    expect(kept(ring)).toEqual([6]);
  });

  it('takes no event out of turn', () => {
    expect(() => new EventRing().push(event(2))).toThrow(RangeError);
  });
});
