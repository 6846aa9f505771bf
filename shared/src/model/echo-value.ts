const MAX_ECHO = 60;
/** Control characters, line separators, bidirectional marks and lone surrogates: what could deceive a reader's terminal. */
const UNSAFE =
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text from outside with its control characters spelled as `\u001b`, shortened to `maxLength` (default 60) characters. */
export function echoText(text: string, maxLength = MAX_ECHO): string {
  let safe = '';
  // Code point by code point, so that a cut never stands inside a pair or an escape.
  for (const character of text.slice(0, maxLength + 1)) {
    const spelled = character.replace(UNSAFE, escapeUnit);
    if (safe.length + spelled.length > maxLength) return `${safe}…`;
    safe += spelled;
  }
  return safe.length === text.length || text.length <= maxLength ? safe : `${safe}…`;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** How a message names a value from outside: strings in quotes and shortened, lists and objects by what they are. */
export function echoValue(value: unknown): string {
  if (typeof value === 'string') return `"${echoText(value)}"`;
  if (Array.isArray(value)) return 'the list';
  if (typeof value === 'object' && value !== null) return 'the object';
  return echoText(String(value));
}
