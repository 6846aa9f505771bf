import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { errorCode } from '@headgate/shared/error-code';
import { parsePemCertificates } from '@headgate/shared/tls/pem-certificates';
import { SourceError } from '../source.ts';
import type { Cluster, ClusterAccess } from './cluster.ts';
import { checkedNamespace, checkedToken } from './credential-text.ts';

const MAX_BYTES = 1_048_576;

/** Where a pod finds its cluster. */
export interface OwnClusterOptions {
  /** KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT; undefined where this process runs in no cluster. */
  readonly address: { readonly host: string; readonly port: number } | undefined;
  /** Where `token`, `ca.crt` and `namespace` of the service account are. */
  readonly directory: string;
}

/** The cluster that this process runs in, by the service account of its pod. Its token is replaced about once an hour. */
export function ownCluster({ address, directory }: OwnClusterOptions): Cluster {
  return {
    name: 'the Kubernetes API of this cluster',
    async access() {
      if (address === undefined) {
        throw new SourceError('the control plane runs in no Kubernetes cluster: name a secret with a kubeconfig');
      }
      return { ...address, servername: undefined, basePath: '', ...(await readServiceAccount(directory)) };
    },
  };
}

type ServiceAccount = Pick<ClusterAccess, 'identity' | 'token' | 'namespace'>;

async function readServiceAccount(directory: string): Promise<ServiceAccount> {
  const [token, ca, namespace] = await Promise.all(
    ['token', 'ca.crt', 'namespace'].map((name) => readSmallFile(join(directory, name))),
  );
  const authorities = parsePemCertificates(ca!);
  if (!authorities.ok) throw new SourceError(`${join(directory, 'ca.crt')} ${authorities.problem}`);
  return {
    identity: { ca: authorities.pem },
    token: checkedToken(token!.toString(), join(directory, 'token')),
    namespace: checkedNamespace(namespace!.toString(), join(directory, 'namespace')),
  };
}

async function readSmallFile(path: string): Promise<Buffer> {
  try {
    // A pipe without a writer would hold a thread for ever, were it opened to wait.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const bytes = await buffer(handle.createReadStream({ end: MAX_BYTES, autoClose: false }));
      if (bytes.length > MAX_BYTES) throw new SourceError(`${path} is larger than ${MAX_BYTES} bytes`);
      return bytes;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new SourceError(`${path} of the service account cannot be read (${errorCode(error)})`);
  }
}
