import type { Goal } from './section.ts';

/** `met`, or by how much it was missed. */
export function verdictOf({ limit, measured, why }: Goal): string {
  if (measured === undefined || Number.isNaN(measured)) return `not measured: ${why ?? 'no figure'}`;
  if (measured <= limit) return 'met';
  return limit === 0 ? `**missed** by ${measured}` : `**missed** by ${((measured / limit - 1) * 100).toFixed(0)} %`;
}
