import type { EndpointSlice } from './endpoint-slice.ts';
import { HeldSlices } from './held-slices.ts';

function slice(name: string, size: number): EndpointSlice {
  const endpoint = { name: 'pod', address: '10.0.0.1', zone: '', state: 'active' } as const;
  return { name, version: '1', endpoints: Array.from({ length: size }, () => endpoint), ports: [] };
}

describe('the slices of a Service', () => {
  it('are counted as they are now, not as they have been', () => {
    const held = new HeldSlices();
    for (let round = 0; round < 3; round++) {
      held.put(slice('a', 10_000));
      held.put(slice('b', 10_000));
      held.remove('a');
      held.remove('a');
      held.replace([slice('b', 10_000)]);
    }
    expect([...held.values()].map(({ name }) => name)).toEqual(['b']);
  });

  it('may be empty, but not without end', () => {
    const held = new HeldSlices();
    for (let index = 0; index < 20_000; index++) held.put(slice(`empty-${index}`, 0));
    expect(() => held.put(slice('one', 0))).toThrow('the Service has more than 20000 endpoints');
  });

  it('stay as they were when one grows too large', () => {
    const held = new HeldSlices();
    held.put(slice('a', 20_000));
    expect(() => held.put(slice('b', 1))).toThrow();
    expect([...held.values()]).toHaveLength(1);
    held.put(slice('a', 19_999));
    held.put(slice('b', 1));
  });
});
