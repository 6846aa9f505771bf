import { echoText } from './echo-value.ts';

/**
 * One thing that is wrong with an input, with the place and the way out.
 * All faults of an input are reported at once.
 */
export interface Fault {
  /** JSON pointer (RFC 6901) into the input, "" for the whole of it. */
  readonly pointer: string;
  /** Machine-readable, snake_case: `unknown_backend`, `duplicate_host`, `wrong_type`… */
  readonly code: string;
  /** What is wrong, as a sentence without the pointer. */
  readonly detail: string;
  /** What to do about it. */
  readonly fix: string;
}

/** A value, or every reason why there is none. */
export type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly faults: readonly Fault[] };

/**
 * Builds a JSON pointer; `~` and `/` inside a part are escaped. Parts that no valid input has (control characters, more
 * than about 60 characters) are shown as messages show them, so that a pointer is always safe to print.
 */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${safePart(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function safePart(part: PropertyKey): string {
  return typeof part === 'number' ? String(part) : echoText(String(part));
}

/** One line for a person: place, what is wrong, what to do. */
export function formatFault(fault: Fault): string {
  return `${fault.pointer === '' ? '' : `${fault.pointer}: `}${fault.detail} (${fault.fix})`;
}
