import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The path of a program: in PATH, in the places of system programs, in ~/.cache/headgate or ~/.cache/headgate-tools; undefined when absent. */
export function findProgram(name: string): string | undefined {
  const system = ['/usr/sbin', '/usr/local/sbin', '/sbin'];
  const own = ['headgate', 'headgate-tools'].map((name) => join(homedir(), '.cache', name));
  const places = [...(process.env['PATH'] ?? '').split(delimiter), ...system, ...own];
  return places.map((place) => join(place, name)).find(isExecutable);
}

/** The same, for what nothing can be measured without. */
export function needProgram(name: string, install: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed: ${install}`);
  return path;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
