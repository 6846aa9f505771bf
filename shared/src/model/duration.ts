import { z } from 'zod';

const PATTERN = /^(\d{1,10})(ms|s|m|h)$/;
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a duration such as `1500ms`, `2s`, `5m` or `1h`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const parts = PATTERN.exec(text);
  if (parts === null) return undefined;
  return Number(parts[1]) * UNIT_MS[parts[2] as keyof typeof UNIT_MS];
}

/** The shortest spelling of a number of milliseconds: 2000 is `2s`, 1500 is `1500ms`. */
export function formatDuration(milliseconds: number): string {
  for (const unit of ['h', 'm', 's'] as const) {
    if (milliseconds >= UNIT_MS[unit] && milliseconds % UNIT_MS[unit] === 0)
      return `${milliseconds / UNIT_MS[unit]}${unit}`;
  }
  return `${milliseconds}ms`;
}

/** Milliseconds of a duration that a schema has accepted, or the default. */
export function durationMs(text: string | undefined, defaultMs: number): number {
  return text === undefined ? defaultMs : (parseDuration(text) ?? defaultMs);
}

/** Schema of a duration between two bounds, both included. */
export function durationSchema(bounds: { readonly min: string; readonly max: string }): z.ZodString {
  const min = parseDuration(bounds.min) ?? 0;
  const max = parseDuration(bounds.max) ?? Number.MAX_SAFE_INTEGER;
  const message = `is not a duration from ${bounds.min} to ${bounds.max} — write a whole number and a unit, such as "2s", "1500ms", "5m" or "1h"`;
  return z
    .string({ error: message })
    .regex(PATTERN, message)
    .refine((text) => {
      const value = parseDuration(text);
      return value === undefined || (value >= min && value <= max);
    }, message);
}
