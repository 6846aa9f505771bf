import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

describe('the toolchain', () => {
  it('runs on the Node that .nvmrc names, whatever Node the machine has', () => {
    const wanted = readFileSync(join(root, '.nvmrc'), 'utf8').trim();
    expect(process.versions.node.split('.')[0]).toBe(wanted);
  });

  it('installs from whichever registry npm is configured for, because the lock file names none', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { resolved?: string }>;
    };
    const hosts = Object.values(lock.packages).filter(({ resolved }) => resolved?.includes('://'));
    expect(hosts).toEqual([]);
  });
});
