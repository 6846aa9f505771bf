import { valueOf, type WireResponse } from './wire-message.ts';

/** The machine-readable reason of an answer that the forwarder gave itself; undefined when it has none. */
export function errorOf(answer: WireResponse): string | undefined {
  try {
    return (JSON.parse(answer.body.toString()) as { error?: string }).error;
  } catch {
    return undefined;
  }
}

/** Checks everything that holds for the forwarder's own answers; returns the reason. */
export function expectOwnAnswer(answer: WireResponse): string {
  expect(valueOf(answer, 'content-type')).toMatch(/^application\/json\b/);
  expect(answer.framing).toBe('length');
  const parsed = JSON.parse(answer.body.toString()) as { readonly error: string; readonly requestId: string };
  expect(Object.keys(parsed).sort()).toEqual(['error', 'requestId']);
  expect(parsed.error).toMatch(/^[a-z][a-z_]*$/);
  expect(parsed.requestId).toMatch(/^\S{8,}$/);
  expect(answer.body.toString()).not.toMatch(/127\.0\.0\.1|node:|Error|\bat /);
  return parsed.error;
}
