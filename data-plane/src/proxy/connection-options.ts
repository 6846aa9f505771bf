import { trimSpace } from './trim-space.ts';

/** Fields that the proxy answers for itself: naming one in Connection strips nothing. */
const kept = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'expect',
  'trailer',
  'via',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-real-ip',
  'x-request-id',
]);
/** What Connection says nearly always, and what names no field. */
const usual = new Set(['keep-alive', 'close', 'upgrade', 'Keep-Alive', 'Close', 'Upgrade', 'te', 'TE', '']);

/**
 * The fields that Connection names and that end here, in lower case (RFC 9110 section 7.6.1); undefined when it names
 * none.
 */
export function namedByConnection(values: readonly string[]): ReadonlySet<string> | undefined {
  let names: Set<string> | undefined;
  for (const value of values) {
    if (usual.has(value)) continue;
    for (const option of value.toLowerCase().split(',')) {
      const name = trimSpace(option);
      if (usual.has(name) || kept.has(name)) continue;
      names ??= new Set();
      names.add(name);
    }
  }
  return names;
}

/** Whether a field that is a list of options has this one, given in lower case. */
export function hasOption(value: string, wanted: string): boolean {
  if (value === wanted) return true;
  return value
    .toLowerCase()
    .split(',')
    .some((option) => trimSpace(option) === wanted);
}
