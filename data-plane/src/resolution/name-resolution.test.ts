import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import type { NameReading } from './name-reader.ts';
import { NameResolution } from './name-resolution.ts';
import { NameTable } from './name-table.ts';

const NAME = 'web.test';
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A reader that answers when it is told to. */
class HeldReader {
  readonly pending: { readonly name: string; readonly answer: (reading: NameReading) => void }[] = [];
  closed = false;

  read(name: string): Promise<NameReading> {
    return new Promise((answer) => this.pending.push({ name, answer }));
  }

  close(): void {
    this.closed = true;
  }

  async answer(...addresses: readonly string[]): Promise<void> {
    this.pending.shift()!.answer({ outcome: 'success', addresses });
    await turn();
  }

  async fail(): Promise<void> {
    this.pending.shift()!.answer({ outcome: 'timeout', reason: 'nobody answers' });
    await turn();
  }
}

describe('NameResolution', () => {
  let clock: ManualClock;
  let table: NameTable;
  let reader: HeldReader;
  let resolution: NameResolution;
  const logged: string[] = [];
  const addresses = (): readonly string[] | undefined => [...table.known()][0]?.addresses;
  beforeEach(() => {
    clock = new ManualClock();
    table = new NameTable();
    reader = new HeldReader();
    logged.length = 0;
    const sink = { write: (line: string) => void logged.push((JSON.parse(line) as { msg: string }).msg) };
    const logger = createLogger('test', 'info', sink);
    resolution = new NameResolution({ table, reader, refreshMs: 10_000, clock, logger, random: () => 0.5 });
  });

  it('looks a name up when it comes, and again and again', async () => {
    resolution.expect(NAME);
    await reader.answer('10.0.0.1');
    expect(addresses()).toEqual(['10.0.0.1']);
    clock.advance(9_999);
    expect(reader.pending).toEqual([]);
    clock.advance(1);
    await reader.answer('10.0.0.2');
    expect(addresses()).toEqual(['10.0.0.2']);
    expect(resolution.counts.success).toBe(2);
    expect(resolution.load).toEqual({ names: 1, unresolved: 0 });
  });

  it('tries again sooner after a failure, with pauses that grow, and keeps what was known', async () => {
    resolution.expect(NAME);
    await reader.answer('10.0.0.1');
    clock.advance(10_000);
    for (const pauseMs of [375, 750, 1_500, 3_000, 6_000, 7_500, 7_500]) {
      await reader.fail();
      expect(addresses()).toEqual(['10.0.0.1']);
      clock.advance(pauseMs - 1);
      expect(reader.pending).toEqual([]);
      clock.advance(1);
    }
    await reader.answer('10.0.0.2');
    expect(addresses()).toEqual(['10.0.0.2']);
    expect(resolution.counts).toMatchObject({ success: 2, timeout: 7 });
    expect(logged).toEqual([
      'the name of a server is not resolved: its addresses of before stay',
      'the name of a server is resolved again',
    ]);
  });

  it('says of a name that never had an address why', async () => {
    resolution.expect(NAME);
    await reader.fail();
    expect([...table.known()]).toEqual([{ name: NAME, addresses: [], failure: 'nobody answers' }]);
    expect(resolution.load).toEqual({ names: 1, unresolved: 1 });
  });

  it('looks up a few at a time', async () => {
    for (let index = 0; index < 40; index++) resolution.expect(`w${index}.test`);
    expect(reader.pending).toHaveLength(16);
    while (reader.pending.length > 0) await reader.answer('10.0.0.1');
    expect([...table.known()]).toHaveLength(40);
  });

  it('forgets a name, also while it is looked up, and takes it up anew', async () => {
    resolution.expect(NAME);
    resolution.forget(NAME);
    resolution.expect(NAME);
    await reader.answer('10.0.0.1');
    expect(addresses()).toBeUndefined();
    await reader.answer('10.0.0.2');
    expect(addresses()).toEqual(['10.0.0.2']);
    resolution.forget(NAME);
    expect([table.size, clock.pending]).toEqual([0, 0]);
  });

  it('leaves no timer when it is closed, and writes nothing more', async () => {
    resolution.expect(NAME);
    await reader.answer('10.0.0.1');
    clock.advance(10_000);
    resolution.close();
    await reader.answer('10.0.0.2');
    expect([addresses(), clock.pending, reader.closed]).toEqual([['10.0.0.1'], 0, true]);
  });
});
