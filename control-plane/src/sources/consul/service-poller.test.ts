import { ManualClock } from '@headgate/shared/manual-clock';
import type { SourceEntry } from '../source.ts';
import type { ConsulAnswer, ConsulQuery } from './consul-client.ts';
import { ServicePoller } from './service-poller.ts';

const one: readonly SourceEntry[] = [{ name: 'n/1', server: {} }];
const two: readonly SourceEntry[] = [...one, { name: 'n/2', server: {} }];

/** A poller whose queries are answered by hand. */
function open() {
  const clock = new ManualClock();
  const queries: { index: bigint; resolve: (answer: ConsulAnswer) => void; reject: (error: unknown) => void }[] = [];
  const told: string[] = [];
  const poller = new ServicePoller({
    service: 'web',
    clock,
    backoff: { baseMs: 1_000, maxMs: 4_000, random: () => 1 },
    query: ({ index, signal }: ConsulQuery) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
        queries.push({ index, resolve, reject });
      }),
    listener: {
      read: (_service, { entries, changed }) => told.push(`${entries.length}${changed ? ' changed' : ''}`),
      failed: () => told.push('failed'),
    },
  });
  const settle = async () => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  const answer = async (index: bigint, entries: readonly SourceEntry[]) => {
    queries.at(-1)!.resolve({ index, entries });
    await settle();
  };
  const fail = async () => {
    queries.at(-1)!.reject(new Error('away'));
    await settle();
  };
  const advance = async (milliseconds: number) => {
    clock.advance(milliseconds);
    await settle();
  };
  return { clock, queries, told, poller, answer, fail, advance };
}

describe('ServicePoller', () => {
  it('asks with the index of the answer before, at once when the answer was long in coming', async () => {
    const { poller, queries, told, answer, advance } = open();
    poller.start();
    await advance(1_000);
    await answer(7n, one);
    await advance(55_000);
    await answer(7n, one);
    await advance(3_000);
    await answer(8n, two);
    expect(queries.map(({ index }) => index)).toEqual([0n, 7n, 7n, 8n]);
    expect(told).toEqual(['1 changed', '1', '2 changed']);
    await poller.close();
  });

  it('keeps its distance from a server that answers at once for ever', async () => {
    const { poller, queries, answer, advance } = open();
    poller.start();
    await answer(1n, one);
    await advance(99);
    expect(queries).toHaveLength(1);
    await advance(1);
    expect(queries).toHaveLength(2);
    for (const gapMs of [200, 400, 800, 1_000, 1_000]) {
      const asked = queries.length;
      await answer(1n, one);
      await advance(gapMs - 1);
      expect(queries).toHaveLength(asked);
      await advance(1);
      expect(queries).toHaveLength(asked + 1);
    }
    await answer(2n, two);
    await advance(100);
    expect(queries.at(-1)!.index).toBe(2n);
    await poller.close();
  });

  it('reads anew after a failure, with pauses that grow to their bound and begin anew', async () => {
    const { poller, queries, told, answer, fail, advance } = open();
    poller.start();
    await answer(7n, one);
    await advance(100);
    for (const pauseMs of [1_000, 2_000, 4_000, 4_000]) {
      const asked = queries.length;
      await fail();
      await advance(pauseMs - 1);
      expect(queries).toHaveLength(asked);
      await advance(1);
      expect(queries.at(-1)!.index).toBe(0n);
    }
    await answer(3n, one);
    await advance(1_000);
    expect(queries.at(-1)!.index).toBe(3n);
    await fail();
    await advance(1_000);
    expect(queries.at(-1)!.index).toBe(0n);
    expect(told).toEqual(['1 changed', ...Array<string>(4).fill('failed'), '1', 'failed']);
    await poller.close();
  });

  it('says nothing once it is closed, in a query or in a pause', async () => {
    const asking = open();
    asking.poller.start();
    await asking.poller.close();
    expect(asking.told).toEqual([]);
    const pausing = open();
    pausing.poller.start();
    await pausing.fail();
    await pausing.poller.close();
    expect(pausing.told).toEqual(['failed']);
    expect(pausing.clock.pending).toBe(0);
    expect(pausing.queries).toHaveLength(1);
  });
});
