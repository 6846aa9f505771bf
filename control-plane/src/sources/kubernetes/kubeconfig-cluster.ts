import { createSecureContext } from 'node:tls';
import { parseDocument } from '@headgate/shared/json/parse-document';
import { parsePemCertificates } from '@headgate/shared/tls/pem-certificates';
import { SourceError } from '../source.ts';
import type { Cluster, ClusterAccess } from './cluster.ts';
import { checkedNamespace, checkedToken } from './credential-text.ts';
import {
  kubeconfigSchema,
  refusedOfCluster,
  refusedOfUser,
  type Kubeconfig,
  type KubeconfigCluster,
  type KubeconfigContext,
  type KubeconfigUser,
} from './kubeconfig.ts';

export interface KubeconfigPlace {
  /** Name of the secret. */
  readonly kubeconfig: string;
  /** "" for the current one. */
  readonly context: string;
  /** @throws SourceError */
  readonly secret: (name: string) => Promise<Buffer>;
}

/**
 * The cluster that a kubeconfig in a secret leads to. Only what the secret itself holds is used: no files, no programs.
 * Failures name its fields and never show what is in them.
 */
export function kubeconfigCluster({ kubeconfig, context, secret }: KubeconfigPlace): Cluster {
  return {
    name: `the Kubernetes API of the kubeconfig ${kubeconfig}`,
    async access() {
      try {
        return readAccess(await secret(kubeconfig), { contextName: context, place: `the secret ${kubeconfig}` });
      } catch (error) {
        if (error instanceof Unusable) throw new SourceError(`the secret ${kubeconfig} ${error.message}`);
        throw error;
      }
    },
  };
}

/** Why a kubeconfig cannot be used; never leaves this file. */
class Unusable extends Error {}

interface Reading {
  readonly contextName: string;
  /** For messages. */
  readonly place: string;
}

function readAccess(bytes: Buffer, { contextName, place }: Reading): ClusterAccess {
  const { context, cluster, user } = chosenOf(parseKubeconfig(bytes), contextName);
  refuse(cluster, refusedOfCluster);
  refuse(user, refusedOfUser);
  return {
    ...addressOf(cluster),
    identity: identityOf(cluster, user),
    token: user.token ? checkedToken(user.token, place) : undefined,
    namespace: context.namespace ? checkedNamespace(context.namespace, place) : 'default',
  };
}

function parseKubeconfig(bytes: Buffer): Kubeconfig {
  const document = parseDocument(bytes.toString());
  if (!document.ok) throw new Unusable('is no kubeconfig: it is no valid YAML');
  const parsed = kubeconfigSchema.safeParse(document.value);
  if (!parsed.success) throw new Unusable('is no kubeconfig: it needs lists of contexts, clusters and users');
  return parsed.data;
}

interface Chosen {
  readonly context: KubeconfigContext;
  readonly cluster: KubeconfigCluster;
  readonly user: KubeconfigUser;
}

function chosenOf(kubeconfig: Kubeconfig, contextName: string): Chosen {
  const name = contextName === '' ? kubeconfig['current-context'] : contextName;
  const context = kubeconfig.contexts.find((one) => one.name === name)?.context;
  if (context === undefined) throw new Unusable(contextName === '' ? noCurrent : `has no context ${contextName}`);
  const cluster = kubeconfig.clusters.find((one) => one.name === context.cluster)?.cluster;
  if (cluster === undefined) throw new Unusable('lacks the cluster of its context');
  if (!context.user) return { context, cluster, user: {} };
  const user = kubeconfig.users?.find((one) => one.name === context.user);
  if (user === undefined) throw new Unusable('lacks the user of its context');
  return { context, cluster, user: user.user ?? {} };
}

const noCurrent = 'has no context that is its current-context: name one as "context"';

function refuse(fields: Readonly<Record<string, unknown>>, refused: Readonly<Record<string, string>>): void {
  for (const [field, reason] of Object.entries(refused)) {
    // insecure-skip-tls-verify: false is what everybody wants.
    if (fields[field]) throw new Unusable(`has ${field}, which ${reason}`);
  }
}

function addressOf(cluster: KubeconfigCluster): Pick<ClusterAccess, 'host' | 'port' | 'servername' | 'basePath'> {
  const url = URL.parse(cluster.server ?? '');
  const bare = url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!bare || url.protocol !== 'https:') throw new Unusable('has a server that is not https://host:port');
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 443 : Number(url.port),
    servername: cluster['tls-server-name'] || undefined,
    basePath: url.pathname.replace(/\/+$/, ''),
  };
}

function identityOf(cluster: KubeconfigCluster, user: KubeconfigUser): ClusterAccess['identity'] {
  const ca = decoded(cluster['certificate-authority-data']);
  const cert = decoded(user['client-certificate-data']);
  const key = decoded(user['client-key-data']);
  if (ca !== undefined && !parsePemCertificates(ca).ok) {
    throw new Unusable('has a certificate-authority-data that holds no certificates');
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new Unusable('needs client-certificate-data and client-key-data together');
  }
  const identity = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  try {
    createSecureContext(identity);
    return identity;
  } catch {
    // What OpenSSL says of a key stays here.
    throw new Unusable('has a client-certificate-data and client-key-data that do not work together');
  }
}

/** Undefined when there is none. What is no base64 decodes to what is no PEM either. */
function decoded(base64: string | null | undefined): Buffer | undefined {
  return base64 ? Buffer.from(base64, 'base64') : undefined;
}
