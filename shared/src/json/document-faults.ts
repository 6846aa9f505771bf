import { echoText } from '../model/echo-value.ts';
import { pointerOf, type Fault } from '../model/fault.ts';

type Path = readonly (string | number)[];

/** How deep lists and objects may nest in any document. */
export const maxDocumentDepth = 32;

/** Nothing but blanks (or, in YAML, comments). */
export const emptyDocument: Fault = {
  pointer: '',
  code: 'empty_document',
  detail: 'there is nothing in it',
  fix: 'send a document; explicit empty lists make an empty configuration',
};

/** Keys that could reach an object's prototype are refused wherever they stand. */
export function forbiddenKey(path: Path): Fault {
  return {
    pointer: pointerOf(path),
    code: 'forbidden_key',
    detail: 'the key "__proto__" is not allowed anywhere',
    fix: 'remove it',
  };
}

export function duplicateKey(path: Path): Fault {
  return {
    pointer: pointerOf(path),
    code: 'duplicate_key',
    detail: `the key "${echoText(String(path.at(-1)))}" stands more than once in one object`,
    fix: 'keep one of them',
  };
}

export function tooDeep(path: Path, maxDepth: number): Fault {
  return {
    pointer: pointerOf(path),
    code: 'too_deep',
    detail: `lists and objects nest deeper than ${maxDepth} levels`,
    fix: 'nothing in a configuration nests that deep; look for brackets that are not closed',
  };
}

export function tooManyKeys(path: Path, maxKeys: number): Fault {
  return {
    pointer: pointerOf(path),
    code: 'too_many_keys',
    detail: `one object has more than ${maxKeys.toLocaleString('en-US')} keys`,
    fix: 'no object of a configuration has that many; look for a list that was written as an object',
  };
}

/** `problem` begins with what stands there: `unexpected "x" at line 3, column 7`. */
export function badSyntax(path: Path, problem: string, fix: string): Fault {
  return { pointer: pointerOf(path), code: 'bad_syntax', detail: problem, fix };
}

/** `line 3, column 7` of an offset; both count from 1, columns in UTF-16 units. */
export function placeOf(text: string, offset: number): string {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1 && end < offset; end = text.indexOf('\n', start)) {
    line++;
    start = end + 1;
  }
  return `line ${line}, column ${offset - start + 1}`;
}
