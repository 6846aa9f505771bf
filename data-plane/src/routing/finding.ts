/** What is wrong inside one object of a snapshot. */
export interface Finding {
  /** JSON pointer inside the object. */
  readonly field: string;
  /** snake_case. */
  readonly code: string;
  readonly reason: string;
}

/** A number, the field that it stands in, and its bounds, both included. */
export interface BoundedNumber {
  readonly field: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
}

/** Those that are no whole number within their bounds. */
export function findOutOfRange(numbers: readonly BoundedNumber[]): readonly Finding[] {
  return numbers
    .filter(({ value, min, max }) => !Number.isInteger(value) || value < min || value > max)
    .map(({ field, value, min, max }) => {
      return { field, code: 'out_of_range', reason: `is ${value}, not a whole number from ${min} to ${max}` };
    });
}

/** A text of somebody else's for a message: bounded, in quotes, with nothing invisible in it. */
export function quote(text: string): string {
  const shown = JSON.stringify(text.slice(0, 80)).replace(/[^\x20-\x7e]/g, '?');
  return text.length > 80 ? `${shown}…` : shown;
}
