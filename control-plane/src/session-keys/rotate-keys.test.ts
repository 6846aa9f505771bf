import fc from 'fast-check';
import { makeKey } from './make-key.ts';
import { beginRotation, completeRotation, dropExpired } from './rotate-keys.ts';
import type { SessionKey, SessionKeySet } from './session-key.ts';

const hour = 3_600_000;
const first: SessionKeySet = [{ ...makeKey([], 0), state: 'issuing' }];

function begun(keys: SessionKeySet, now: number, graceMs = hour): SessionKeySet {
  return beginRotation(keys, makeKey(keys, now), graceMs);
}

function issuing(keys: SessionKeySet): SessionKey {
  return keys.find(({ state }) => state === 'issuing')!;
}

describe('a rotation of session keys', () => {
  it('lets the new key be read before cookies are made with it, and the old one after', () => {
    const reading = begun(first, 10);
    expect(reading.map(({ state }) => state)).toEqual(['accepted', 'issuing']);
    expect(issuing(reading)).toBe(first[0]);
    const replaced = completeRotation(reading, 20);
    expect(replaced).toMatchObject([
      { id: reading[0]!.id, state: 'issuing' },
      { id: first[0]!.id, state: 'retiring', expiresAt: 20 + hour },
    ]);
    expect(replaced[0]).not.toHaveProperty('graceMs');
    expect(dropExpired(replaced, 20 + hour - 1)).toBe(replaced);
    expect(dropExpired(replaced, 20 + hour)).toEqual([replaced[0]]);
  });

  it('changes nothing when none is under way or expired', () => {
    expect(completeRotation(first, 10)).toBe(first);
    expect(dropExpired(first, 10)).toBe(first);
  });

  it('ends the keys that were replaced before no later than the one that is replaced now', () => {
    const twice = completeRotation(begun(completeRotation(begun(first, 0), 0), 0, 5), 0);
    expect(twice).toMatchObject([{ state: 'issuing' }, { expiresAt: 5 }, { expiresAt: 5 }]);
    const longer = completeRotation(begun(completeRotation(begun(first, 0, 5), 0), 0), 0);
    expect(longer).toMatchObject([{ state: 'issuing' }, { expiresAt: hour }, { expiresAt: 5 }]);
  });

  it('always has one key that makes cookies, and reads what was made as long as its grace lasts', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('begin', 'complete', 'wait'), fc.nat({ max: 100 })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(steps, (moves) => {
        let [keys, now] = [first, 0];
        // When each key last made a cookie.
        const lastMade = new Map<string, number>();
        for (const [move, amount] of moves) {
          const rotating = keys.some(({ state }) => state === 'accepted');
          if (move === 'wait') now += amount;
          else if (move === 'complete') keys = completeRotation(keys, now);
          else if (!rotating) keys = begun(keys, now, 100);
          keys = dropExpired(keys, now);
          expect(keys.filter(({ state }) => state === 'issuing')).toHaveLength(1);
          expect(new Set(keys.map(({ id }) => id)).size).toBe(keys.length);
          lastMade.set(issuing(keys).id, now);
          for (const [id, made] of lastMade) {
            if (now < made + 100) expect(keys.map((key) => key.id)).toContain(id);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a new session key', () => {
  it('has 32 bytes of its own and an id of four letters and digits', () => {
    const [a, b] = [makeKey([], 5), makeKey([], 5)];
    expect(a.secret).toHaveLength(32);
    expect(a.secret.equals(b.secret)).toBe(false);
    expect(a.id).toMatch(/^[a-z0-9]{4}$/);
    expect(a.createdAt).toBe(5);
  });
});
