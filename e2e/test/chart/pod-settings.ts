import { readSettings as readControlPlane } from '@headgate/control-plane/config/settings';
import { readSettings as readDataPlane } from '@headgate/data-plane/config/settings';
import type { Plane } from '../image/image-declaration.ts';
import type { Manifest } from './manifest.ts';
import { podEnvironment } from './pod-environment.ts';
import { podFiles } from './pod-files.ts';
import { Rendered } from './rendered.ts';

/** The settings that a plane reads in its rendered pod, or its faults, by the plane's own code. */
export function podSettings(plane: Plane, manifests: readonly Manifest[]) {
  const { spec } = new Rendered(manifests).pod(plane);
  const files = podFiles(spec, manifests);
  const readFile = (path: string): string => {
    const content = files.get(path);
    if (content === undefined) throw new Error(`${path} is not mounted`);
    return content;
  };
  const read = plane === 'control-plane' ? readControlPlane : readDataPlane;
  return read({ argv: [], env: podEnvironment(spec), readFile });
}
