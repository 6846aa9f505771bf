import type { Clock } from '@headgate/shared/clock';
import type { ServerSlot, ServerSlots } from '../upstream/server-slots.ts';

/** The share of its weight that a server starts with. */
const LEAST_FACTOR = 0.1;

export interface Ramp {
  /** Of a monotonic clock; 0 for a server that is not starting. */
  readonly startedMs: number;
  /** 0 is off. */
  readonly slowStartMs: number;
  readonly nowMs: number;
}

/** What a server's weight is multiplied by: 0.1 when it starts, 1 once `slowStartMs` have passed, linear in between. */
export function rampFactor({ startedMs, slowStartMs, nowMs }: Ramp): number {
  if (slowStartMs === 0 || startedMs === 0) return 1;
  const passed = (nowMs - startedMs) / slowStartMs;
  return passed >= 1 ? 1 : LEAST_FACTOR + (1 - LEAST_FACTOR) * Math.max(0, passed);
}

/**
 * A server has just become usable: it joins a backend that had others, or has recovered. `nowMs` is of the monotonic
 * clock. Without slow start it means nothing.
 */
export function beginRamp(slots: ServerSlots, server: ServerSlot, nowMs: number): void {
  // 0 is none, and a clock of tests begins there.
  slots.rampStartedMs[server.slot] = nowMs === 0 ? Number.MIN_VALUE : nowMs;
}

/** Slow start of one backend's servers. */
export class SlowStart {
  readonly isOn: boolean;
  readonly #slots: ServerSlots;
  readonly #slowStartMs: number;
  readonly #clock: Clock;

  constructor(slots: ServerSlots, slowStartMs: number, clock: Clock) {
    this.isOn = slowStartMs > 0;
    this.#slots = slots;
    this.#slowStartMs = slowStartMs;
    this.#clock = clock;
  }

  /** To be read once for each choice. 0 when slow start is off, which costs nothing. */
  nowMs(): number {
    return this.isOn ? this.#clock.monotonic() : 0;
  }

  /** What the server's weight counts for, from 0.1 to 1. */
  factor({ slot }: ServerSlot, nowMs: number): number {
    if (!this.isOn || this.#slots.rampStartedMs[slot] === 0) return 1;
    return rampFactor({ startedMs: this.#slots.rampStartedMs[slot]!, slowStartMs: this.#slowStartMs, nowMs });
  }
}
