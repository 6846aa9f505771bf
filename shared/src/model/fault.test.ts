import { formatFault, pointerOf } from './fault.ts';
import { limitFaults } from './limit-faults.ts';

describe('pointerOf', () => {
  it('writes a JSON pointer, escaped as RFC 6901 says', () => {
    expect(pointerOf([])).toBe('');
    expect(pointerOf(['hosts', 0, 'backend'])).toBe('/hosts/0/backend');
    expect(pointerOf(['a/b', 'm~n', '', '~1'])).toBe('/a~1b/m~0n//~01');
  });

  it('shows keys from outside shortened and without control characters', () => {
    expect(pointerOf(['a\u001b', 'x'.repeat(1_000)])).toBe(`/a\\u001b/${'x'.repeat(60)}…`);
  });
});

describe('formatFault', () => {
  it('makes one line', () => {
    const fault = { code: 'required', detail: '"port" is missing', fix: 'write one' };
    expect(formatFault({ ...fault, pointer: '/port' })).toBe('/port: "port" is missing (write one)');
    expect(formatFault({ ...fault, pointer: '' })).toBe('"port" is missing (write one)');
  });
});

describe('limitFaults', () => {
  const drawn = { count: 0 };
  function* faults(count: number) {
    for (drawn.count = 0; drawn.count < count; drawn.count++) {
      yield { pointer: `/${drawn.count}`, code: 'required', detail: 'is missing', fix: 'write it' };
    }
  }

  it('passes up to a thousand on as they are', () => {
    expect(limitFaults(faults(0))).toEqual([]);
    expect(limitFaults(faults(1_000)).map(({ pointer }) => pointer)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => `/${index}`),
    );
  });

  it('counts what is beyond', () => {
    expect(limitFaults(faults(1_001))).toHaveLength(1_001);
    expect(limitFaults(faults(1_001)).at(-1)).toMatchObject({ code: 'more_faults', detail: 'there is 1 more fault' });
    expect(limitFaults(faults(10_000)).at(-1)?.detail).toBe('there are 9,000 more faults');
  });

  it('looks no further than ten thousand', () => {
    const limited = limitFaults(faults(1_000_000));
    expect(limited).toHaveLength(1_001);
    expect(limited.at(-1)?.detail).toBe('there are more than 9,000 more faults; the rest has not been looked at');
    expect(drawn.count).toBe(10_000);
  });
});
