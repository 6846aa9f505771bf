import type { AskedRequest } from '../../src/harness/steady-load.ts';

/** The header in which a request carries its number, so that servers know which one they have. */
export const numberHeader = 'x-number';

/** What a server takes for answers that do not come at once, in milliseconds. */
export const workMs = { '/think': 30, '/order': 30, '/stream': 80 } as const;

/**
 * The requests of a day, in turn: most are answered at once, some after a while, some begin at once and end after a while,
 * and every tenth is an order, which must not be carried out twice.
 */
export function dayRequest(number: number): AskedRequest {
  const headers = { [numberHeader]: String(number) };
  if (isOrder(number)) return { method: 'POST', path: '/order', headers, body: `order ${number}` };
  const path = number % 10 < 6 ? '/quick' : number % 10 < 8 ? '/think' : '/stream';
  return { path, headers };
}

export function isOrder(number: number): boolean {
  return number % 10 === 9;
}
