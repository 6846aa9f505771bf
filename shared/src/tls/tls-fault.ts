import { fileKeyOf } from '../config/setting.ts';
import { echoText } from '../model/echo-value.ts';
import type { Fault } from '../model/fault.ts';
import type { TlsFile } from './tls-sources.ts';

/** Longest path that messages show whole. */
const MAX_PATH = 300;

export interface TlsFaultText {
  readonly code: string;
  /** Follows the file's name in a sentence; nothing of the file's content. */
  readonly problem: string;
  readonly fix: string;
}

/** What is wrong with a file, with the setting that names it. */
export function tlsFault(file: TlsFile, { code, problem, fix }: TlsFaultText): Fault {
  return {
    pointer: `/${fileKeyOf(file.setting)}`,
    code,
    detail: `${file.setting}: ${echoText(file.path, MAX_PATH)} ${problem}`,
    fix,
  };
}
