import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');

/** Where the programs of the two planes are, from the source as well as from the build of this harness. */
export const planePaths = {
  controlPlane: join(root, 'control-plane', 'bin', 'headgate-control-plane.js'),
  dataPlane: join(root, 'data-plane', 'bin', 'headgate-data-plane.js'),
} as const;
