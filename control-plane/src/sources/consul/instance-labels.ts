import { isName } from '@headgate/shared/model/name';

/** Labels of a server. */
const MAX_LABELS = 16;
const VALUE = /^[\x20-\x7e]{0,256}$/;

/** What labels are made of. */
export interface LabelledInstance {
  readonly meta: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
}

/**
 * The labels of an instance: its meta, then its tags, of which `version=2` is the label `version` and `primary` is the
 * label `primary` with the value `true`. What cannot be a label is left out, and so is what comes after the sixteenth
 * in the order of names: labels are for people, and must not keep a server away.
 */
export function instanceLabels({ meta, tags }: LabelledInstance): Readonly<Record<string, string>> {
  const labels = new Map<string, string>();
  for (const [name, value] of [...inOrder(Object.entries(meta)), ...inOrder(tags.map(labelOfTag))]) {
    if (labels.size === MAX_LABELS) break;
    if (!labels.has(name) && isName(name) && VALUE.test(value)) labels.set(name, value);
  }
  return Object.fromEntries(labels);
}

function labelOfTag(tag: string): readonly [string, string] {
  const equals = tag.indexOf('=');
  return equals === -1 ? [tag, 'true'] : [tag.slice(0, equals), tag.slice(equals + 1)];
}

function inOrder(labels: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return [...labels].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
