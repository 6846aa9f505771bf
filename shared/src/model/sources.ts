import { z } from 'zod';
import { consulSourceSchema } from './consul-source.ts';
import { dnsSourceSchema } from './dns-source.ts';
import { kubernetesSourceSchema } from './kubernetes-source.ts';

const sourceSchemas = [consulSourceSchema, dnsSourceSchema, kubernetesSourceSchema] as const;

const TYPE_MESSAGE = `is not a source of servers — its "type" is one of ${sourceTypes().join(', ')}`;

/** Where servers of a backend come from by themselves, as operators write it. */
export const sourcesSchema = z
  .array(z.discriminatedUnion('type', sourceSchemas, { error: TYPE_MESSAGE }), {
    error: 'is not a list of sources — write [{"type": "dns", "name": "web.internal", "port": 8080}]',
  })
  .max(16, 'has more than 16 sources — split the backend')
  .meta({ description: 'Places that servers come from by themselves. Default: none.' });

export type SourceDocument = z.infer<typeof sourcesSchema>[number];

function sourceTypes(): readonly string[] {
  return sourceSchemas.map(({ shape }) => shape.type.value);
}

/** The secrets that a source names, each with the field that names it. */
export function secretsOf(source: SourceDocument): readonly { readonly field: string; readonly name: string }[] {
  switch (source.type) {
    case 'consul':
      return [
        ...(source.token === undefined ? [] : [{ field: 'token', name: source.token }]),
        ...(source.tls?.ca === undefined ? [] : [{ field: 'tls/ca', name: source.tls.ca }]),
      ];
    case 'dns':
      return [];
    case 'kubernetes':
      return source.kubeconfig === undefined ? [] : [{ field: 'kubeconfig', name: source.kubeconfig }];
  }
}
