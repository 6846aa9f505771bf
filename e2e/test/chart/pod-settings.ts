import { readSettings as readControlPlane } from '@headgate/control-plane/config/settings';
import { readSettings as readDataPlane } from '@headgate/data-plane/config/settings';
import type { Plane } from '../image/image-declaration.ts';
import { podTemplateOf, type Manifest, type PodSpec } from './manifest.ts';

/** What the downward API says of a pod. */
const fields: Readonly<Record<string, string>> = {
  'metadata.name': 'headgate-data-plane-7d9c-x2x',
  'spec.nodeName': 'node-1',
  "metadata.labels['topology.kubernetes.io/zone']": 'zone-a',
};
/** What stands in Secrets that the chart does not make: a token for each key, which is a good key of secrets as well. */
const givenSecret = (key: string): string => Buffer.alloc(32, key).toString('base64');

/** The settings that a plane reads in its rendered pod, or its faults, by the plane's own code. */
export function podSettings(plane: Plane, manifests: readonly Manifest[]) {
  const template = manifests
    .filter(({ kind }) => kind !== 'Pod')
    .map(podTemplateOf)
    .find((pod) => pod?.metadata.labels['app.kubernetes.io/component'] === plane);
  if (template === undefined) throw new Error(`there is no pod of the ${plane}`);
  const files = filesOf(template.spec, manifests);
  const readFile = (path: string): string => {
    const content = files.get(path);
    if (content === undefined) throw new Error(`${path} is not mounted`);
    return content;
  };
  const read = plane === 'control-plane' ? readControlPlane : readDataPlane;
  return { ...read({ argv: [], env: environmentOf(template.spec), readFile }), files };
}

function environmentOf(pod: PodSpec): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const { name, value = '', valueFrom } of pod.containers[0].env) {
    const text = valueFrom === undefined ? value : (fields[valueFrom.fieldRef.fieldPath] ?? '');
    env[name] = text.replaceAll(/\$\((\w+)\)/g, (_, other: string) => env[other] ?? '');
  }
  return env;
}

/** What is mounted from Secrets and ConfigMaps, by its path. */
function filesOf(pod: PodSpec, manifests: readonly Manifest[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { name, mountPath } of pod.containers[0].volumeMounts) {
    const volume = pod.volumes.find((candidate) => candidate.name === name);
    if (volume === undefined) throw new Error(`the volume ${name} is not there`);
    for (const [file, content] of Object.entries(contentOf(volume, manifests)))
      files.set(`${mountPath}/${file}`, content);
  }
  return files;
}

function contentOf(
  volume: PodSpec['volumes'][number],
  manifests: readonly Manifest[],
): Readonly<Record<string, string>> {
  const { configMap, secret } = volume;
  if (configMap !== undefined) return named(manifests, 'ConfigMap', configMap.name)?.data ?? {};
  if (secret === undefined) return {};
  const made = named(manifests, 'Secret', secret.secretName)?.data;
  const valueOf = (key: string): string =>
    made === undefined ? givenSecret(key) : Buffer.from(made[key] ?? '', 'base64').toString();
  return Object.fromEntries(secret.items.map(({ key, path }) => [path, valueOf(key)]));
}

function named(manifests: readonly Manifest[], kind: string, name: string): Manifest | undefined {
  return manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
}
