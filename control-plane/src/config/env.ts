import { readFileSync } from 'node:fs';
import type { SettingSources } from '@headgate/shared/config/resolve-settings';

/** The arguments, environment and files of this process; no other file reads them. */
export function processSources(): SettingSources {
  return {
    argv: process.argv.slice(2),
    env: process.env,
    readFile: (path) => readFileSync(path, 'utf8'),
    program: 'headgate-control-plane',
  };
}
