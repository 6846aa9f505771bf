import type { Plane } from '../image/image-declaration.ts';
import { podTemplateOf, type Manifest } from './manifest.ts';

/** What was rendered, to be asked. */
export class Rendered {
  readonly #manifests: readonly Manifest[];

  constructor(manifests: readonly Manifest[]) {
    this.#manifests = manifests;
  }

  get pods() {
    return this.#manifests.flatMap((manifest) => podTemplateOf(manifest) ?? []);
  }

  all(kind: string): readonly Manifest[] {
    return this.#manifests.filter((manifest) => manifest.kind === kind);
  }

  one(kind: string): Manifest {
    const [found, ...more] = this.all(kind);
    if (found === undefined || more.length > 0) throw new Error(`there are ${more.length + 1} of ${kind}, or none`);
    return found;
  }

  namesOf(kind: string): readonly string[] {
    return this.all(kind)
      .map(({ metadata }) => metadata.name)
      .sort();
  }

  pod(plane: Plane | 'test') {
    const found = this.pods.find(({ metadata }) => metadata.labels['app.kubernetes.io/component'] === plane);
    if (found === undefined) throw new Error(`there is no pod of the ${plane}`);
    return found;
  }

  /** '' when it is not set. */
  env(plane: Plane, name: string): string {
    return this.pod(plane).spec.containers[0].env.find((variable) => variable.name === name)?.value ?? '';
  }

  /** Secrets that a pod mounts. */
  secretsOf(plane: Plane): readonly string[] {
    const names = this.pod(plane).spec.volumes.flatMap(({ secret }) => secret?.secretName ?? []);
    return [...new Set(names)].sort();
  }

  secret(name: string, key: string): string {
    const found = this.all('Secret').find(({ metadata }) => metadata.name === name)?.data?.[key];
    if (found === undefined) throw new Error(`the Secret ${name} has no ${key}`);
    return Buffer.from(found, 'base64').toString();
  }
}
