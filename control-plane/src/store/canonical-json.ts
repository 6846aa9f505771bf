/**
 * The one spelling of a JSON value: keys in the order of their UTF-16 units, no white space, members that are undefined
 * left out. Equal values have equal texts, whoever wrote them.
 *
 * @throws TypeError for what JSON cannot say: NaN, functions, dates…
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && !('toJSON' in value)) return objectText(value as Record<string, unknown>);
  throw new TypeError(`a ${typeof value} cannot be stored as JSON`);
}

function objectText(object: Record<string, unknown>): string {
  let text = '';
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}
