import type { HttpVersion } from '../forwarder.ts';
import { endOfRun, targetCharacters, tokenCharacters } from './character-tables.ts';

const SPACE = 32;

/** No method is longer. */
export const maxMethodLength = 64;

export interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly version: HttpVersion;
}

export type RequestLineFault = 'bad_request' | 'http_version_not_supported';

/** Reads `method SP target SP version`, from `from` up to `to`, and nothing that only looks like it (RFC 9112 section 3). */
export function readRequestLine(text: string, from: number, to: number): RequestLine | RequestLineFault {
  const methodEnd = endOfRun(text, from, tokenCharacters);
  if (methodEnd === from || methodEnd - from > maxMethodLength || text.charCodeAt(methodEnd) !== SPACE)
    return 'bad_request';
  const targetEnd = endOfRun(text, methodEnd + 1, targetCharacters);
  if (targetEnd === methodEnd + 1 || targetEnd >= to || text.charCodeAt(targetEnd) !== SPACE) return 'bad_request';
  const version = readVersion(text, targetEnd + 1, to);
  if (version !== '1.1' && version !== '1.0') return version;
  return { method: readMethod(text, from, methodEnd), target: text.slice(methodEnd + 1, targetEnd), version };
}

/** Nearly always the same one, and then the same string. */
function readMethod(text: string, from: number, to: number): string {
  return to - from === 3 && text.startsWith('GET', from) ? 'GET' : text.slice(from, to);
}

function readVersion(text: string, from: number, to: number): HttpVersion | RequestLineFault {
  if (to - from !== 8 || !text.startsWith('HTTP/', from)) return 'bad_request';
  if (text.startsWith('1.1', from + 5)) return '1.1';
  if (text.startsWith('1.0', from + 5)) return '1.0';
  return /^\d\.\d$/.test(text.slice(from + 5, to)) ? 'http_version_not_supported' : 'bad_request';
}
