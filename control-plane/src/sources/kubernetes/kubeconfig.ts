import { z } from 'zod';

const text = z.string().nullish();
/** Looked at only for whether it is there. */
const anything = z.unknown().optional();

const clusterSchema = z.object({
  server: text,
  'tls-server-name': text,
  'certificate-authority-data': text,
  'certificate-authority': anything,
  'insecure-skip-tls-verify': anything,
  'proxy-url': anything,
});

const userSchema = z.object({
  token: text,
  'client-certificate-data': text,
  'client-key-data': text,
  tokenFile: anything,
  'client-certificate': anything,
  'client-key': anything,
  exec: anything,
  'auth-provider': anything,
  username: anything,
  as: anything,
  'as-uid': anything,
  'as-groups': anything,
  'as-user-extra': anything,
});

const contextSchema = z.object({ cluster: text, user: text, namespace: text });

/** What is read of a kubeconfig. Absent, null and "" are the same. */
export const kubeconfigSchema = z.object({
  'current-context': text,
  contexts: z.array(z.object({ name: z.string(), context: contextSchema })),
  clusters: z.array(z.object({ name: z.string(), cluster: clusterSchema })),
  users: z.array(z.object({ name: z.string(), user: userSchema.nullish() })).nullish(),
});

export type Kubeconfig = z.output<typeof kubeconfigSchema>;
export type KubeconfigContext = z.output<typeof contextSchema>;
export type KubeconfigCluster = z.output<typeof clusterSchema>;
export type KubeconfigUser = z.output<typeof userSchema>;

/** What would need another file, another program or another trust than the secret holds, and what to do instead. */
export const refusedOfCluster = {
  'certificate-authority':
    'names a file — embed it as certificate-authority-data (kubectl config view --flatten --raw)',
  'insecure-skip-tls-verify': 'would believe anybody — remove it and give certificate-authority-data',
  'proxy-url': 'is not supported — remove it',
} as const satisfies Partial<Record<keyof KubeconfigCluster, string>>;

export const refusedOfUser = {
  tokenFile: 'names a file — give the token itself',
  'client-certificate': 'names a file — embed it as client-certificate-data (kubectl config view --flatten --raw)',
  'client-key': 'names a file — embed it as client-key-data (kubectl config view --flatten --raw)',
  exec: 'would run a program — give the token of a service account instead',
  'auth-provider': 'would run a program — give the token of a service account instead',
  username: 'is not accepted by Kubernetes any more — give a token or a client certificate',
  as: 'is not supported — give the credentials of the account itself',
  'as-uid': 'is not supported — give the credentials of the account itself',
  'as-groups': 'is not supported — give the credentials of the account itself',
  'as-user-extra': 'is not supported — give the credentials of the account itself',
} as const satisfies Partial<Record<keyof KubeconfigUser, string>>;
