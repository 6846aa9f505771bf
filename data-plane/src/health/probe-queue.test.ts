import fc from 'fast-check';
import { ProbeQueue } from './probe-queue.ts';

interface Item {
  readonly backend: string;
  readonly name: string;
  readonly concurrency: number;
}

function setUp({ perBackend: concurrency, total }: { perBackend: number; total: number }) {
  const started: Item[] = [];
  const queue = new ProbeQueue<Item>({ total, start: (item) => started.push(item) });
  const add = (backend: string, count: number) => {
    const items = Array.from({ length: count }, (_, index) => ({ backend, name: `${backend}${index}`, concurrency }));
    for (const item of items) queue.add(item);
    return items;
  };
  const names = () => started.map(({ name }) => name).join(' ');
  return { queue, started, add, names };
}

describe('ProbeQueue', () => {
  it('starts at once what the limits allow', () => {
    const { queue, add, names } = setUp({ perBackend: 2, total: 3 });
    add('a', 3);
    add('b', 3);
    expect(names()).toBe('a0 a1 b0');
    expect([queue.running, queue.waiting]).toEqual([3, 3]);
  });

  it('starts the next one when one is released, lanes in turn', () => {
    const { queue, started, add, names } = setUp({ perBackend: 10, total: 1 });
    add('a', 3);
    add('b', 2);
    add('c', 1);
    for (let index = 0; index < 6; index++) queue.release(started[index]!);
    expect(names()).toBe('a0 a1 b0 c0 a2 b1');
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it('does not let a backend that hangs hold back another', () => {
    const { queue, started, add, names } = setUp({ perBackend: 2, total: 4 });
    add('hangs', 100);
    const [first] = add('b', 3);
    queue.release(first!);
    queue.release(started.at(-1)!);
    expect(names()).toBe('hangs0 hangs1 b0 b1 b2');
  });

  it('forgets those that are taken out while they wait', () => {
    const { queue, started, add, names } = setUp({ perBackend: 1, total: 1 });
    const [, second, third] = add('a', 3);
    queue.remove(second!);
    queue.remove(second!);
    queue.release(started[0]!);
    expect(names()).toBe('a0 a2');
    queue.remove(third!); // runs already
    queue.release(third!);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it('takes an item that waits already only once', () => {
    const { queue, started } = setUp({ perBackend: 1, total: 1 });
    const [first, second] = [
      { backend: 'a', name: '1', concurrency: 1 },
      { backend: 'a', name: '2', concurrency: 1 },
    ];
    queue.add(first);
    queue.add(second);
    queue.add(second);
    expect(queue.waiting).toBe(1);
    queue.release(first);
    queue.release(second);
    expect(started).toEqual([first, second]);
  });

  it('keeps its limits, never idles while it may start one, and starts everyone once', () => {
    const lanes = ['a', 'b', 'c', 'd'];
    const command = fc.record({ backend: fc.constantFrom(...lanes), release: fc.nat() });
    const limit = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 200 }), limit, limit, (script, perBackend, total) => {
        const running = new Set<Item>();
        const started = new Set<Item>();
        const start = (item: Item) => {
          expect(started.has(item)).toBe(false);
          running.add(item);
          started.add(item);
        };
        const queue = new ProbeQueue<Item>({ total, start });
        const added: Item[] = [];
        for (const [index, { backend, release }] of script.entries()) {
          const item = { backend, name: String(index), concurrency: perBackend };
          added.push(item);
          queue.add(item);
          const ended = [...running][release % 7];
          if (ended !== undefined && running.delete(ended)) queue.release(ended);
          const of = (items: Iterable<Item>, lane: string) => [...items].filter((each) => each.backend === lane).length;
          for (const lane of lanes) {
            expect(of(running, lane)).toBeLessThanOrEqual(perBackend);
            const waits = of(added, lane) > of(started, lane);
            if (waits && running.size < total) expect(of(running, lane)).toBe(perBackend);
          }
          expect(running.size).toBeLessThanOrEqual(total);
          expect([queue.running, queue.waiting]).toEqual([running.size, added.length - started.size]);
        }
        for (const item of running) queue.release(item); // those that start now are run through as well
        expect([started.size, queue.waiting, queue.running]).toEqual([script.length, 0, 0]);
      }),
    );
  });
});
