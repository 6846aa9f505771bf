import type { Manifest, PodSpec } from './manifest.ts';

/** What stands in Secrets that the chart does not make: a token for each key, which is a good key of secrets as well. */
const givenSecret = (key: string): string => Buffer.alloc(32, key).toString('base64');

/** What is mounted in a pod's container from Secrets and ConfigMaps, by its path. */
export function podFiles(pod: PodSpec, manifests: readonly Manifest[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { name, mountPath } of pod.containers[0].volumeMounts) {
    const volume = pod.volumes.find((candidate) => candidate.name === name);
    if (volume === undefined) throw new Error(`the volume ${name} is not there`);
    const content = Object.entries(contentOf(volume, manifests));
    for (const [file, text] of content) files.set(`${mountPath}/${file}`, text);
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
