import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The path of a program that tests need: on the PATH, or where continuous integration builds it. Undefined when it is
 * missing on a developer's machine, where the tests are skipped by `describeWith`; in CI that is a failure.
 */
export function neededProgram(name: string): string | undefined {
  const built = join(homedir(), '.cache', 'headgate-tools', name);
  const found = [name, built].find((path) => spawnSync(path, ['--version']).error === undefined);
  if (found === undefined && process.env['CI'] === 'true') throw new Error(`${name} is not installed`);
  return found;
}

/** `describe`, skipped when the programs are not all there; the title says how to get them. */
export function describeWith(
  programs: Readonly<Record<string, string>>,
  title: string,
  body: (paths: Readonly<Record<string, string>>) => void,
): void {
  const paths: Record<string, string> = {};
  for (const name of Object.keys(programs)) {
    const path = neededProgram(name);
    if (path === undefined) {
      const how = Object.entries(programs).map(([program, way]) => `${program}: ${way}`);
      return describe.skip(`${title} (needs ${how.join('; ')})`, () => body({}));
    }
    paths[name] = path;
  }
  describe(title, () => body(paths));
}
