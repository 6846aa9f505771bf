import type { Fault } from '../model/fault.ts';
import { echoText } from '../model/echo-value.ts';
import { badSyntax, duplicateKey, forbiddenKey, placeOf, tooDeep, tooManyKeys } from './document-faults.ts';
import { JsonKeys } from './json-keys.ts';

/** Reading stops at this many faults. */
const MAX_FAULTS = 1_000;
/** In one object. Building an object of a million keys would take seconds. */
const MAX_KEYS = 10_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** A list or object that is open. Reused for the next one at the same depth. */
class Frame {
  isObject = false;
  index = 0;
  key: string | undefined;
  readonly keys = new JsonKeys();
}

/** Ends the scan; never leaves this file. */
class ScanStopped extends Error {}

/**
 * Reads a JSON text (RFC 8259) once from left to right, without recursion and without building anything, and collects
 * what `JSON.parse` does not tell: duplicate keys, `__proto__`, depth, and the place of the first syntax fault.
 *
 * 1. `#value` reads a scalar whole, or opens a list or object. An opened one wants its first value next.
 * 2. After a whole value, `#afterValue` reads the comma (another value is wanted) or closes what ends, which is itself a
 *    whole value. Closing the outermost one ends the scan.
 */
export class JsonScanner {
  readonly #text: string;
  readonly #frames: readonly Frame[];
  readonly #faults: Fault[] = [];
  #depth = 0;
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#frames = Array.from({ length: maxDepth }, () => new Frame());
  }

  /** Every fault up to the first one of syntax or size. Empty for a text that `JSON.parse` will accept. */
  scan(): readonly Fault[] {
    try {
      this.#document();
    } catch (error) {
      if (!(error instanceof ScanStopped)) throw error;
    }
    return this.#faults;
  }

  #document(): void {
    let wanted = true;
    while (wanted) wanted = this.#value() ? this.#afterValue() : true;
    if (this.#skipBlanks() === this.#text.length) return;
    this.#unexpected('remove what follows the end of the document');
  }

  /** True when a whole value has been read, false when a list or object was opened that wants its first value. */
  #value(): boolean {
    const unit = this.#text.charCodeAt(this.#skipBlanks());
    if (unit === QUOTE) this.#string();
    else if (unit === OPEN_OBJECT) return this.#open(true, CLOSE_OBJECT);
    else if (unit === OPEN_LIST) return this.#open(false, CLOSE_LIST);
    else if (unit === MINUS || isDigit(unit)) this.#number();
    else this.#word();
    return true;
  }

  /** Whether another value is wanted. */
  #afterValue(): boolean {
    while (this.#depth > 0) {
      const frame = this.#frame();
      const unit = this.#text.charCodeAt(this.#skipBlanks());
      if (unit === COMMA) {
        this.#at++;
        frame.index++;
        if (frame.isObject) this.#key(frame);
        return true;
      }
      if (unit !== (frame.isObject ? CLOSE_OBJECT : CLOSE_LIST)) this.#unexpected(expectedIn(frame));
      this.#at++;
      this.#depth--;
    }
    return false;
  }

  #open(isObject: boolean, close: number): boolean {
    const frame = this.#frames[this.#depth];
    if (frame === undefined) this.#stop(tooDeep(this.#path(), this.#frames.length));
    this.#depth++;
    this.#at++;
    frame.isObject = isObject;
    frame.index = 0;
    frame.key = undefined;
    frame.keys.clear();
    if (this.#text.charCodeAt(this.#skipBlanks()) === close) {
      this.#at++;
      this.#depth--;
      return true;
    }
    if (isObject) this.#key(frame);
    return false;
  }

  #key(frame: Frame): void {
    frame.key = undefined;
    const start = this.#skipBlanks();
    if (this.#text.charCodeAt(start) !== QUOTE) this.#unexpected('write a key in double quotes here');
    const escaped = this.#string();
    const key = escaped
      ? (JSON.parse(this.#text.slice(start, this.#at)) as string)
      : this.#text.slice(start + 1, this.#at - 1);
    frame.key = key;
    if (key === '__proto__') this.#report(forbiddenKey(this.#path()));
    else if (!frame.keys.add(key)) this.#report(duplicateKey(this.#path()));
    else if (frame.keys.size > MAX_KEYS) this.#stop(tooManyKeys(this.#path().slice(0, -1), MAX_KEYS));
    if (this.#text.charCodeAt(this.#skipBlanks()) !== COLON) this.#unexpected('write ":" after the key');
    this.#at++;
  }

  /** Returns whether there were escapes in it. */
  #string(): boolean {
    let escaped = false;
    for (this.#at++; ; this.#at++) {
      const unit = this.#text.charCodeAt(this.#at);
      if (unit === QUOTE) break;
      if (unit === BACKSLASH) {
        this.#escape();
        escaped = true;
      } else if (!(unit >= 0x20)) {
        this.#unexpected('close the string with a double quote; write control characters as escapes such as \\n');
      }
    }
    this.#at++;
    return escaped;
  }

  #escape(): void {
    this.#at++;
    const letter = this.#text[this.#at] ?? '';
    if (letter === 'u') {
      const end = this.#at + 4;
      while (this.#at < end) {
        this.#at++;
        if (!isHexDigit(this.#text.charCodeAt(this.#at))) this.#unexpected('write four hexadecimal digits after \\u');
      }
    } else if (letter === '' || !'"\\/bfnrt'.includes(letter)) {
      this.#unexpected('after a backslash write one of " \\ / b f n r t u');
    }
  }

  #number(): void {
    if (this.#text.charCodeAt(this.#at) === MINUS) this.#at++;
    if (this.#text[this.#at] === '0') this.#at++;
    else this.#digits();
    if (this.#text[this.#at] === '.') {
      this.#at++;
      this.#digits();
    }
    if (this.#text[this.#at] === 'e' || this.#text[this.#at] === 'E') {
      this.#at++;
      if (this.#text[this.#at] === '+' || this.#text[this.#at] === '-') this.#at++;
      this.#digits();
    }
  }

  #digits(): void {
    if (!isDigit(this.#text.charCodeAt(this.#at))) this.#unexpected('write a digit here');
    while (isDigit(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #word(): void {
    for (const word of ['true', 'false', 'null']) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return;
    }
    this.#unexpected('write a value here: a string in double quotes, a number, true, false, null, a list or an object');
  }

  /** Returns where the next unit stands that is not blank. */
  #skipBlanks(): number {
    let unit = this.#text.charCodeAt(this.#at);
    while (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) unit = this.#text.charCodeAt(++this.#at);
    return this.#at;
  }

  #frame(): Frame {
    return this.#frames[this.#depth - 1]!;
  }

  #path(): (string | number)[] {
    const path: (string | number)[] = [];
    for (const frame of this.#frames.slice(0, this.#depth)) {
      if (!frame.isObject) path.push(frame.index);
      else if (frame.key !== undefined) path.push(frame.key);
    }
    return path;
  }

  #unexpected(fix: string): never {
    const place = placeOf(this.#text, this.#at);
    const unit = this.#text.codePointAt(this.#at);
    const problem =
      unit === undefined
        ? `the text ends too early, at ${place}`
        : `there is an unexpected "${echoText(String.fromCodePoint(unit))}" at ${place}`;
    this.#stop(badSyntax(this.#path(), problem, fix));
  }

  #report(fault: Fault): void {
    this.#faults.push(fault);
    if (this.#faults.length >= MAX_FAULTS) throw new ScanStopped();
  }

  #stop(fault: Fault): never {
    this.#faults.push(fault);
    throw new ScanStopped();
  }
}

function expectedIn(frame: Frame): string {
  return frame.isObject ? 'write "," or "}" after a value' : 'write "," or "]" after a value';
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function isHexDigit(unit: number): boolean {
  return isDigit(unit) || (unit >= 0x41 && unit <= 0x46) || (unit >= 0x61 && unit <= 0x66);
}
