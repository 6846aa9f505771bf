import { LeaseTable, type PauseChange } from './lease-table.ts';

/** Servers of one backend that beat every ten seconds, spread over them, with a ttl of thirty. */
class Herd {
  readonly table = new LeaseTable(0);
  readonly pauses: PauseChange[] = [];
  readonly expired: string[] = [];
  now = 0;
  #alive: number;
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
    this.#alive = size;
    this.pass(60);
  }

  /** From now on these beat, the first ones. */
  leave(alive: number): this {
    this.#alive = alive;
    return this;
  }

  pass(seconds: number): this {
    for (let second = 0; second < seconds; second++) {
      this.now += 1_000;
      for (let index = 0; index < this.#alive; index++) {
        if ((this.now / 1_000 + index) % 10 !== 0) continue;
        this.table.beat({ backend: 'web', endpoint: `s${index}` }, 30_000, this.now);
      }
      const { expired, pauses } = this.table.sweep(this.now, () => this.open);
      this.expired.push(...expired.map(({ endpoint }) => endpoint));
      this.pauses.push(...pauses);
    }
    return this;
  }

  open = true;

  get size(): number {
    return [...this.table.counts()].reduce((sum, [, leases]) => sum + leases, 0);
  }

  get whole(): boolean {
    return this.size === this.#size;
  }
}

describe('leases', () => {
  it('live as long as their heartbeats', () => {
    const herd = new Herd(5).pass(3_600);
    expect([herd.whole, herd.expired]).toEqual([true, []]);
  });

  it('expire when their time is over, at the next sweep', () => {
    const table = new LeaseTable(0);
    table.beat({ backend: 'web', endpoint: 's' }, 2_000, 300);
    expect(table.sweep(1_000, () => true).expired).toEqual([]);
    expect(table.sweep(2_000, () => true).expired).toEqual([]);
    expect(table.sweep(3_000, () => true).expired).toMatchObject([{ backend: 'web', endpoint: 's' }]);
    expect([...table.counts()]).toEqual([]);
  });

  it('count from the last heartbeat, and by what it says', () => {
    const table = new LeaseTable(0);
    const name = { backend: 'web', endpoint: 's' };
    table.beat(name, 3_600_000, 0);
    table.beat(name, 2_000, 500);
    expect(table.get(name)).toMatchObject({ ttlMs: 2_000, heardAt: 500, dueAt: 2_500 });
    for (let second = 1; second < 3; second++) table.sweep(second * 1_000, () => true);
    expect(table.sweep(3_000, () => true).expired).toHaveLength(1);
  });

  it.each([
    [1, 5],
    [2, 5],
    [5, 100],
    [50, 100],
    [2, 2],
  ])('of %d servers in %d that stop expire within their time and a second', (stopped, size) => {
    const herd = new Herd(size).leave(size - stopped).pass(31);
    expect(herd.pauses).toEqual([]);
    expect(herd.expired).toHaveLength(stopped);
  });

  it.each([
    [3, 3],
    [3, 5],
    [51, 100],
    [100, 100],
  ])('do not expire when %d of %d stop at once; after five minutes they do', (stopped, size) => {
    const herd = new Herd(size).leave(size - stopped).pass(31);
    expect(herd.pauses).toMatchObject([{ kind: 'begins', backend: 'web', silent: stopped, leases: size }]);
    herd.pass(285);
    expect(herd.whole).toBe(true);
    herd.pass(30);
    expect(herd.expired).toHaveLength(stopped);
    expect(herd.pauses.slice(1)).toEqual([{ kind: 'ends', backend: 'web', reason: 'time', expired: stopped }]);
    expect(herd.table.pausedUntil('web')).toBeUndefined();
  });

  it('go on when the heartbeats come back, and nobody is lost', () => {
    const herd = new Herd(100).leave(0).pass(100);
    expect(herd.table.pausedUntil('web')).toBeDefined();
    herd.leave(100).pass(120);
    expect(herd.pauses.slice(1)).toEqual([{ kind: 'ends', backend: 'web', reason: 'heartbeats', expired: 0 }]);
    expect([herd.whole, herd.expired]).toEqual([true, []]);
  });

  it('of those who stay away when the others come back expire a full time later', () => {
    const herd = new Herd(100).leave(0).pass(100).leave(60).pass(60);
    expect(herd.expired.sort()).toEqual(Array.from({ length: 40 }, (_, index) => `s${60 + index}`).sort());
  });

  it('pause again after they have recovered, and not before', () => {
    const herd = new Herd(10).leave(0).pass(600);
    expect(herd.pauses.map(({ kind }) => kind)).toEqual(['begins', 'ends']);
    herd.leave(10).pass(60).leave(0).pass(40);
    expect(herd.pauses.map(({ kind }) => kind)).toEqual(['begins', 'ends', 'begins']);
  });

  it('that are lost one by one within one time are counted together', () => {
    const table = new LeaseTable(0);
    const expired: number[] = [];
    let begun = 0;
    for (let second = 1; second < 140; second++) {
      // They beat so rarely that none counts as silent before it is due.
      const endpoint = `s${second % 25}`;
      if (second <= 75 && (second % 25) % 5 === 0) table.beat({ backend: 'web', endpoint }, 30_000, second * 1_000);
      const found = table.sweep(second * 1_000, () => true);
      expired.push(...found.expired.map(() => second));
      begun += found.pauses.length;
    }
    expect([expired.length, begun]).toEqual([2, 1]);
  });

  it('are not held for a backend that takes no heartbeats', () => {
    const herd = new Herd(10);
    herd.open = false;
    expect(herd.leave(0).pass(31).expired).toHaveLength(10);
  });

  it('are held no longer when the backend ceases to take heartbeats', () => {
    const herd = new Herd(10).leave(0).pass(60);
    herd.open = false;
    expect(herd.pass(1).pauses.at(-1)).toEqual({ kind: 'ends', backend: 'web', reason: 'closed', expired: 10 });
  });

  it('get a full time after the process was stopped', () => {
    const herd = new Herd(2);
    herd.now += 600_000;
    herd.leave(0).pass(29);
    expect(herd.expired).toEqual([]);
    expect(herd.pass(3).expired).toHaveLength(2);
  });

  it('that were given a time and never beat expire', () => {
    const table = new LeaseTable(0);
    table.grant({ backend: 'web', endpoint: 's' }, 2_000, 0);
    expect(table.get({ backend: 'web', endpoint: 's' })?.heardAt).toBeUndefined();
    table.sweep(1_000, () => true);
    expect(table.sweep(2_000, () => true).expired).toHaveLength(1);
  });

  it('of other backends are judged apart', () => {
    const herd = new Herd(10);
    herd.table.beat({ backend: 'api', endpoint: 'one' }, 2_000, herd.now);
    herd.leave(0).pass(31);
    expect(herd.expired).toEqual(['one']);
  });

  it('cost a sweep little when none expires', () => {
    const table = new LeaseTable(0);
    const name = (index: number) => ({ backend: 'web', endpoint: `s${index}` });
    const start = performance.now();
    for (let second = 1; second <= 120; second++) {
      for (let index = second % 10; index < 10_000; index += 10) table.beat(name(index), 30_000, second * 1_000);
      table.sweep(second * 1_000, () => true);
    }
    // Two minutes of 10,000 servers; about 60 ms where this was written.
    expect(performance.now() - start).toBeLessThan(2_000);
    expect([...table.counts()]).toEqual([['web', 10_000]]);
  });
});
