import { z } from 'zod';
import { nameSchema } from './name.ts';

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const LABEL_RULE = 'use 1 to 63 small letters, digits and hyphens, beginning and ending with a letter or digit';
const SERVICE_MESSAGE = `is not the name of a Service — ${LABEL_RULE}`;
const NAMESPACE_MESSAGE = `is not the name of a namespace — ${LABEL_RULE}`;
const PORT_MESSAGE =
  'is not a port — write the name that the Service gives it ("http"), or the number that its pods listen on, without quotes';
const CONTEXT_MESSAGE = 'is not the name of a context — use 1 to 256 printable ASCII characters';

/** Digits alone are taken for a number that was put in quotes. */
const portNameSchema = z.string().regex(LABEL, PORT_MESSAGE).regex(/[a-z]/, PORT_MESSAGE);
const portNumberSchema = z.number().int(PORT_MESSAGE).min(1, PORT_MESSAGE).max(65_535, PORT_MESSAGE);

/** Servers from the EndpointSlices of a Kubernetes Service, as operators write it. */
export const kubernetesSourceSchema = z
  .strictObject({
    type: z.literal('kubernetes'),
    service: z.string({ error: SERVICE_MESSAGE }).regex(LABEL, SERVICE_MESSAGE).meta({ description: 'Its name.' }),
    namespace: z.string({ error: NAMESPACE_MESSAGE }).regex(LABEL, NAMESPACE_MESSAGE).optional().meta({
      description:
        'Of the Service. Default: the one that the control plane runs in, or that of the context of a kubeconfig, or else "default".',
    }),
    port: z.union([portNumberSchema, portNameSchema], { error: PORT_MESSAGE }).optional().meta({
      description:
        'Name of a port of the Service, or the number that its pods listen on. Default: the only port; needed when there are several.',
    }),
    kubeconfig: nameSchema.optional().meta({
      description:
        'Name of a secret that holds a kubeconfig. Default: the cluster that the control plane runs in, by its service account.',
    }),
    context: z
      .string({ error: CONTEXT_MESSAGE })
      .regex(/^[\x20-\x7e]{1,256}$/, CONTEXT_MESSAGE)
      .optional()
      .meta({ description: 'Of the kubeconfig. Default: its current-context.' }),
  })
  .refine(({ kubeconfig, context }) => context === undefined || kubeconfig !== undefined, {
    path: ['context'],
    error: 'is of no use without a kubeconfig — add "kubeconfig", or remove it',
  })
  .meta({
    id: 'KubernetesSource',
    description: 'The ready endpoints of a Service, followed through its EndpointSlices.',
  });

export type KubernetesSourceDocument = z.infer<typeof kubernetesSourceSchema>;

/** Which endpoints are followed, and where. */
export interface KubernetesSource {
  readonly type: 'kubernetes';
  readonly service: string;
  /** "" for the one that belongs to the access: the pod's, or the context's. */
  readonly namespace: string;
  /** A name of the Service's, or a number of its pods'. Undefined for the only one. */
  readonly port: string | number | undefined;
  /** Name of a secret; "" for the cluster that this process runs in. */
  readonly kubeconfig: string;
  /** "" for the current one of the kubeconfig. */
  readonly context: string;
}

/** The document with its defaults. */
export function resolveKubernetesSource(document: KubernetesSourceDocument): KubernetesSource {
  return {
    type: document.type,
    service: document.service,
    namespace: document.namespace ?? '',
    port: document.port,
    kubeconfig: document.kubeconfig ?? '',
    context: document.context ?? '',
  };
}
