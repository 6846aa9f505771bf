import { readFileSync } from 'node:fs';
import type { SettingSources } from '@headgate/shared/config/resolve-settings';

/** The arguments, environment and files of this process; no other file reads them. */
export function processSources(): SettingSources {
  return {
    argv: process.argv.slice(2),
    env: process.env,
    readFile: (path) => readFileSync(path, 'utf8'),
    program: 'headgate-control-plane',
  };
}

/** Where Kubernetes tells its pods that the API is; undefined outside of a cluster. */
export function clusterAddress(): { readonly host: string; readonly port: number } | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
  return host === undefined || host === '' ? undefined : { host, port: Number(port ?? 443) };
}
