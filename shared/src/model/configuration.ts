import { z } from 'zod';
import { backendSchema, canonicalBackend } from './backend.ts';
import { canonicalHost, hostSchema } from './host.ts';

/** The two lists of a configuration, of whatever items. */
function outlineOf<B extends z.ZodType, H extends z.ZodType>(backend: B, host: H) {
  return z.strictObject({
    backends: z
      .array(backend, { error: 'is not a list of backends — write "backends": [] when there are none' })
      .max(100_000, 'has more than 100,000 backends — remove some'),
    hosts: z
      .array(host, { error: 'is not a list of hosts — write "hosts": [] when there are none' })
      .max(100_000, 'has more than 100,000 hosts — remove some'),
  });
}

/** The whole configuration of operators. Both lists must be present; empty lists are a configuration. */
export const configurationSchema = outlineOf(backendSchema, hostSchema).meta({ id: 'Configuration' });

/** What a configuration is before its objects are looked at. */
export const configurationOutlineSchema = outlineOf(z.unknown(), z.unknown()).meta({ id: 'ConfigurationOutline' });

export type ConfigurationDocument = z.infer<typeof configurationSchema>;

/** The document in its one spelling: canonical objects, backends sorted by name, hosts by pattern. */
export function canonicalConfiguration(document: ConfigurationDocument): ConfigurationDocument {
  return {
    backends: document.backends.map(canonicalBackend).sort((a, b) => compare(a.name, b.name)),
    hosts: document.hosts.map(canonicalHost).sort((a, b) => compare(a.host, b.host)),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
