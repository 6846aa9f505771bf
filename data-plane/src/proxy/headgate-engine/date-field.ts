import type { Clock } from '@headgate/shared/clock';

/** The Date field of answers, made once a second. */
export class DateField {
  readonly #clock: Clock;
  #second = 0;
  #line = '';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** With its line end. */
  get line(): string {
    const now = this.#clock.now();
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#line = `Date: ${new Date(now).toUTCString()}\r\n`;
    }
    return this.#line;
  }
}
