import { z } from 'zod';

/** Schema of an integer between two bounds, both included; `noun` is what the message calls it. */
export function wholeNumberSchema(noun: string, min: number, max: number): z.ZodNumber {
  const message = `is not ${noun} — use a whole number from ${min} to ${max}`;
  return z.number({ error: message }).int(message).min(min, message).max(max, message);
}
