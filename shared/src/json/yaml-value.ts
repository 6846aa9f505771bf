import { isAlias, isMap, isScalar, isSeq, type Pair, type ParsedNode } from 'yaml';
import type { Fault } from '../model/fault.ts';
import { badSyntax, duplicateKey, forbiddenKey, placeOf, tooDeep } from './document-faults.ts';

/** Values that aliases may add to a document in all: more is a bomb. */
const MAX_ALIASED_VALUES = 100_000;

/** Reading stops at this many faults; finding the line of each costs time. */
export const maxYamlFaults = 100;

type Path = readonly (string | number)[];

/**
 * Turns the nodes of one YAML document into plain values. Aliases become copies; what they would blow up beyond reason,
 * or nest into themselves, is a fault, as are duplicate keys, `__proto__` and depth.
 */
export class YamlValueReader {
  readonly faults: Fault[] = [];
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #anchors = new Map<string, ParsedNode>();
  #aliasDepth = 0;
  #aliasedValues = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  read(node: ParsedNode | null, path: Path = []): unknown {
    if (node === null || this.faults.length >= maxYamlFaults) return null;
    if (this.#aliasDepth > 0 && !this.#countAliased(node, path)) return null;
    if (isAlias(node)) return this.#alias(node, path);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return node.value;
    if (path.length >= this.#maxDepth) return this.#report(tooDeep(path, this.#maxDepth));
    if (isSeq(node)) return node.items.map((item, index) => this.read(item, [...path, index]));
    return isMap(node) ? this.#map(node.items, path) : null;
  }

  #map(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], path: Path): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    const keys = new Set<string>();
    for (const { key: keyNode, value } of pairs) {
      const key = isScalar(keyNode) ? String(keyNode.value) : '';
      const place = [...path, key];
      if (!isScalar(keyNode)) this.#refuse(keyNode, path, 'a key is no plain text', 'write a text before the colon');
      else if (key === '__proto__') this.#report(forbiddenKey(place));
      else if (keys.has(key)) this.#report(duplicateKey(place));
      else object[key] = this.read(value, place);
      keys.add(key);
    }
    return object;
  }

  #alias(node: ParsedNode & { readonly source: string }, path: Path): unknown {
    const target = this.#anchors.get(node.source);
    if (target === undefined) {
      return this.#refuse(
        node,
        path,
        'an alias has no anchor',
        'define the anchor before the alias, or quote the text',
      );
    }
    this.#aliasDepth++;
    const value = this.read(target, path);
    this.#aliasDepth--;
    return value;
  }

  /** False when there are too many, which is reported once. */
  #countAliased(node: ParsedNode, path: Path): boolean {
    if (++this.#aliasedValues === MAX_ALIASED_VALUES) {
      this.#refuse(node, path, 'aliases blow the document up beyond reason', 'write the values out');
    }
    return this.#aliasedValues < MAX_ALIASED_VALUES;
  }

  #refuse(node: ParsedNode, path: Path, problem: string, fix: string): undefined {
    if (this.faults.length >= maxYamlFaults) return;
    this.#report(badSyntax(path, `${problem}, at ${placeOf(this.#text, node.range[0])}`, fix));
  }

  #report(fault: Fault): undefined {
    if (this.faults.length < maxYamlFaults) this.faults.push(fault);
  }
}
