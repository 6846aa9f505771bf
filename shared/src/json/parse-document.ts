import type { Checked } from '../model/fault.ts';
import { emptyDocument } from './document-faults.ts';
import { parseJson } from './parse-json.ts';
import { parseYaml } from './parse-yaml.ts';

/**
 * The value of a file's text, JSON or YAML. What begins with a bracket is read as JSON first, which is much faster; when
 * its syntax is not JSON's it may still be YAML's flow style. A byte order mark is left out.
 */
export function parseDocument(text: string, limits?: { readonly maxDepth: number }): Checked<unknown> {
  const content = text.startsWith('\ufeff') ? text.slice(1) : text;
  if (content.trim() === '') return { ok: false, faults: [emptyDocument] };
  if (!/^\s*[[{]/.test(content)) return parseYaml(content, limits);
  const json = parseJson(content, limits);
  if (json.ok || !hasBadSyntax(json)) return json;
  const yaml = parseYaml(content, limits);
  return yaml.ok || !hasBadSyntax(yaml) ? yaml : json;
}

function hasBadSyntax(checked: Checked<unknown>): boolean {
  return !checked.ok && checked.faults.some(({ code }) => code === 'bad_syntax');
}
