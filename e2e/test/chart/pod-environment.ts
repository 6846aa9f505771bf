import type { PodSpec } from './manifest.ts';

/** What the downward API says of a pod. */
const fields: Readonly<Record<string, string>> = {
  'metadata.name': 'headgate-data-plane-7d9c-x2x',
  'spec.nodeName': 'node-1',
  'status.podIP': '127.0.0.1',
  "metadata.labels['topology.kubernetes.io/zone']": 'zone-a',
};

/** The environment of a pod's container, as the kubelet makes it. */
export function podEnvironment(pod: PodSpec): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const { name, value = '', valueFrom } of pod.containers[0].env) {
    const text = valueFrom === undefined ? value : (fields[valueFrom.fieldRef.fieldPath] ?? '');
    env[name] = text.replaceAll(/\$\((\w+)\)/g, (_, other: string) => env[other] ?? '');
  }
  return env;
}
