import type { Clock } from '@headgate/shared/clock';

/** How exact waits are: they end up to two ticks late, and never early. */
export const tickMs = 250;
/** Longer waits go round more than once. */
const SLOTS = 512;
/** Later than any tick: a small integer, so that due times stay small integers. */
const NEVER = 0x3fff_ffff;

/** Somebody who waits. */
export interface Expiring {
  /** The time is over. */
  expired(): void;
}

/**
 * All the waits of an engine on one timer of the system.
 *
 * 1. Time is counted in ticks, at most one for each alarm: a process that was held up lets nobody expire before what has
 *    arrived meanwhile is read.
 * 2. A slot holds the waits that are looked at in one tick. Putting a wait off writes a number; it is moved when its slot
 *    comes up.
 * 3. With nobody waiting there is no timer.
 */
export class TimerWheel {
  readonly #clock: Clock;
  readonly #slots: (WheelTimer | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  #waiting = 0;
  #cancel: (() => void) | undefined;
  /** Ticks since the start. */
  tick = 0;
  /** The monotonic clock at the last tick; current only while somebody waits. */
  nowMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Timers that are kept in the wheel, cleared ones included. */
  get size(): number {
    return this.#waiting;
  }

  /** Puts a timer into the slot of its due time, or the farthest one. */
  link(timer: WheelTimer): void {
    const at = Math.min(timer.dueTick, this.tick + SLOTS - 1);
    timer.slotTick = at;
    const index = at % SLOTS;
    const first = this.#slots[index];
    timer.next = first;
    if (first !== undefined) first.previous = timer;
    this.#slots[index] = timer;
    if (++this.#waiting === 1) this.#start();
  }

  unlink(timer: WheelTimer): void {
    const { previous, next } = timer;
    if (previous !== undefined) previous.next = next;
    else this.#slots[timer.slotTick % SLOTS] = next;
    if (next !== undefined) next.previous = previous;
    timer.previous = undefined;
    timer.next = undefined;
    timer.slotTick = -1;
    if (--this.#waiting === 0) this.#stop();
  }

  #start(): void {
    this.nowMs = this.#clock.monotonic();
    this.#cancel ??= this.#clock.after(tickMs, this.#advance);
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  readonly #advance = (): void => {
    this.#cancel = undefined;
    this.nowMs = this.#clock.monotonic();
    this.tick++;
    this.#visit(this.tick % SLOTS);
    if (this.#waiting > 0) this.#cancel ??= this.#clock.after(tickMs, this.#advance);
  };

  /** What expires may set, clear and close any timer: so the slot is emptied first, and those that are due are called last. */
  #visit(index: number): void {
    const due: WheelTimer[] = [];
    for (let timer = this.#slots[index]; timer !== undefined; timer = this.#slots[index]) {
      this.unlink(timer);
      if (timer.dueTick <= this.tick) due.push(timer);
      else if (timer.dueTick !== NEVER) this.link(timer);
    }
    for (const timer of due) timer.ring();
  }
}

/** One wait at a time, used again and again by its owner. */
export class WheelTimer {
  readonly #wheel: TimerWheel;
  readonly #owner: Expiring;
  #spanTicks = 0;
  /** The wheel's: when it rings, where it is kept, its neighbours there. */
  dueTick = NEVER;
  slotTick = -1;
  previous: WheelTimer | undefined = undefined;
  next: WheelTimer | undefined = undefined;

  constructor(wheel: TimerWheel, owner: Expiring) {
    this.#wheel = wheel;
    this.#owner = owner;
  }

  /** Rings when `waitMs` pass without `touch`. What was set before is off. */
  set(waitMs: number): void {
    const wheel = this.#wheel;
    // The tick under way has begun already: it does not count.
    this.#spanTicks = Math.min(Math.ceil(waitMs / tickMs) + 1, NEVER >> 1);
    this.dueTick = wheel.tick + this.#spanTicks;
    if (this.slotTick === -1) return wheel.link(this);
    if (this.slotTick <= this.dueTick) return;
    wheel.unlink(this);
    wheel.link(this);
  }

  /** Something has moved: the wait begins anew. */
  touch(): void {
    if (this.dueTick !== NEVER) this.dueTick = this.#wheel.tick + this.#spanTicks;
  }

  /** Does not ring until `set` again. */
  clear(): void {
    this.dueTick = NEVER;
  }

  /** Lets go of the wheel, which would keep its owner in memory otherwise. */
  close(): void {
    this.dueTick = NEVER;
    if (this.slotTick !== -1) this.#wheel.unlink(this);
  }

  /** Called by the wheel. One that was put off or cleared while others rang does not. */
  ring(): void {
    if (this.dueTick > this.#wheel.tick) return;
    this.dueTick = NEVER;
    this.#owner.expired();
  }
}
