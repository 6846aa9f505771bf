import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { softwareVersion } from './software-version.ts';

const root = join(import.meta.dirname, '..', '..');

describe('the software version', () => {
  it.each(['.', 'shared', 'proto', 'control-plane', 'data-plane', 'e2e', 'bench'])('is that of %s', (workspace) => {
    const { version } = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as { version: string };
    expect(softwareVersion).toBe(version);
  });
});
