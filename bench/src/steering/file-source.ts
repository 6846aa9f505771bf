import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { oneHost } from '../peers/headgate-site.ts';
import type { Endpoint } from '../peers/endpoint.ts';
import type { SteeredSource } from './steered-source.ts';

/** A finished file is renamed into place. */
export const fileSource: SteeredSource = {
  name: 'file, renamed into place',
  open: async (first) => {
    const directory = await mkdtemp(join(tmpdir(), 'headgate-bench-file-'));
    const [path, beside] = [join(directory, 'routing.json'), join(directory, 'next')];
    const write = async (to: Endpoint): Promise<void> => {
      await writeFile(beside, JSON.stringify(oneHost([to])));
      await rename(beside, path);
    };
    await write(first);
    return {
      env: { HEADGATE_CONFIG_FILE: path },
      point: write,
      stop: () => rm(directory, { recursive: true, force: true }),
    };
  },
};
