import { ManualClock } from '@headgate/shared/manual-clock';
import { AdmissionQueue, noQueueCounts, type QueueRefusal, type WaitingRequest } from './admission-queue.ts';

/** Waits for one of the places that are free, and notes what became of it. */
class Request implements WaitingRequest {
  end: 'served' | QueueRefusal | undefined;
  readonly isParticular: boolean;
  readonly #stage: { free: number };

  constructor(stage: { free: number }, isParticular = false) {
    this.#stage = stage;
    this.isParticular = isParticular;
  }

  tryAgain(): boolean {
    if (this.isParticular || this.#stage.free === 0) return false;
    this.#stage.free--;
    this.end = 'served';
    return true;
  }

  giveUp(reason: QueueRefusal): void {
    this.end = reason;
  }
}

function setUp(queueLength = 3, queueTimeoutMs = 1_000) {
  const clock = new ManualClock();
  const counts = noQueueCounts();
  const stage = { free: 0 };
  const queue = new AdmissionQueue({ clock, counts, limits: { queueLength, queueTimeoutMs } });
  const enter = (isParticular = false) => {
    const request = new Request(stage, isParticular);
    return { request, place: queue.enter(request) };
  };
  return { clock, counts, stage, queue, enter };
}

describe('AdmissionQueue', () => {
  it('serves those in front first, as many as there is room for', () => {
    const { queue, enter, stage } = setUp();
    const waiting = [enter(), enter(), enter()];
    stage.free = 2;
    queue.serve();
    expect(waiting.map(({ request }) => request.end)).toEqual(['served', 'served', undefined]);
    expect(queue.length).toBe(1);
  });

  it('serves those behind one who cannot use what is free', () => {
    const { queue, enter, stage } = setUp();
    const [particular, other] = [enter(true), enter()];
    stage.free = 1;
    queue.serve();
    expect([particular.request.end, other.request.end]).toEqual([undefined, 'served']);
  });

  it('has no place beyond its length, and one again when somebody leaves', () => {
    const { queue, enter, counts } = setUp(2);
    const first = enter();
    enter();
    expect(enter().place).toBeUndefined();
    queue.leave(first.place!);
    queue.leave(first.place!);
    expect(enter().place).toBeDefined();
    expect(counts).toMatchObject({ entered: 3, waiting: 2, full: 1 });
  });

  it('gives up each one when its own time is over, by one timer', () => {
    const { clock, enter, counts } = setUp();
    const early = enter();
    clock.advance(400);
    const late = enter();
    expect(clock.pending).toBe(1);
    clock.advance(600);
    expect([early.request.end, late.request.end]).toEqual(['queue_timeout', undefined]);
    clock.advance(399);
    expect(late.request.end).toBeUndefined();
    clock.advance(1);
    expect(late.request.end).toBe('queue_timeout');
    expect(counts).toMatchObject({ waiting: 0, timedOut: 2, waitedMs: 2_000 });
    expect(clock.pending).toBe(0);
  });

  it('looks once more for a server before it gives somebody up', () => {
    const { clock, enter, stage } = setUp();
    const { request } = enter();
    stage.free = 1;
    clock.advance(1_000);
    expect(request.end).toBe('served');
  });

  it('leaves no timer behind when nobody waits any more, in whatever way they went', () => {
    const { clock, queue, enter, stage } = setUp();
    queue.leave(enter().place!);
    expect(clock.pending).toBe(0);
    enter();
    stage.free = 1;
    queue.serve();
    expect(clock.pending).toBe(0);
  });

  it('takes the limits of a change at once: a longer wait, a shorter wait, no queue', () => {
    const { clock, queue, enter, counts } = setUp();
    const { request } = enter();
    queue.reconsider({ queueLength: 3, queueTimeoutMs: 5_000 });
    clock.advance(4_999);
    expect(request.end).toBeUndefined();
    const other = enter();
    queue.reconsider({ queueLength: 1, queueTimeoutMs: 5_000 });
    expect([other.request.end, enter().place]).toEqual([undefined, undefined]);
    queue.reconsider({ queueLength: 3, queueTimeoutMs: 10 });
    clock.advance(9);
    expect([request.end, other.request.end]).toEqual(['queue_timeout', undefined]);
    queue.reconsider({ queueLength: 0, queueTimeoutMs: 10 });
    expect([other.request.end, queue.length, clock.pending]).toEqual(['overloaded', 0, 0]);
    expect(counts).toMatchObject({ waiting: 0, full: 2, timedOut: 1 });
  });
});
