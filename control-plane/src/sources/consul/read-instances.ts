import { parseJson } from '@headgate/shared/json/parse-json';
import type { ConsulSource } from '@headgate/shared/model/consul-source';
import { z } from 'zod';
import { SourceError, type SourceEntry } from '../source.ts';
import { instanceEntry, type ConsulInstance } from './instance-entry.ts';

const weightsSchema = z.object({ Passing: z.number(), Warning: z.number() }).nullish();
const tagsSchema = z.array(z.string()).nullish();
const metaSchema = z.record(z.string(), z.string()).nullish();

/** What is read of /v1/health/service/…, whose answers hold much more. */
const healthSchema = z.array(
  z.object({
    Node: z.object({ Node: z.string(), Address: z.string(), Datacenter: z.string().nullish() }),
    Service: z.object({
      ID: z.string(),
      Address: z.string().nullish(),
      Port: z.int(),
      Tags: tagsSchema,
      Meta: metaSchema,
      Weights: weightsSchema,
    }),
    Checks: z.array(z.object({ CheckID: z.string(), Status: z.string() })).nullish(),
  }),
);

/** What is read of /v1/catalog/service/…. */
const catalogSchema = z.array(
  z.object({
    Node: z.string(),
    Address: z.string(),
    Datacenter: z.string().nullish(),
    ServiceID: z.string(),
    ServiceAddress: z.string().nullish(),
    ServicePort: z.int(),
    ServiceTags: tagsSchema,
    ServiceMeta: metaSchema,
    ServiceWeights: weightsSchema,
  }),
);

/**
 * The servers of an answer's body, in one order whatever Consul's is.
 * @throws SourceError when it is not what Consul answers: nothing of it is taken then
 */
export function readInstances(source: ConsulSource, body: string): readonly SourceEntry[] {
  const parsed = parseJson(body);
  if (!parsed.ok) throw new SourceError('the answer is not JSON that can be read');
  const instances = source.use === 'health' ? healthInstances(parsed.value) : catalogInstances(parsed.value);
  if (instances === undefined) throw new SourceError('the answer is not a list of instances');
  const entries = instances.map((instance) => instanceEntry(source, instance));
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function healthInstances(value: unknown): readonly ConsulInstance[] | undefined {
  return healthSchema.safeParse(value).data?.map(({ Node, Service, Checks }) => ({
    node: Node.Node,
    nodeAddress: Node.Address,
    datacenter: Node.Datacenter ?? '',
    id: Service.ID,
    address: Service.Address ?? '',
    port: Service.Port,
    tags: Service.Tags ?? [],
    meta: Service.Meta ?? {},
    weights: Service.Weights ?? undefined,
    checks: (Checks ?? []).map(({ CheckID, Status }) => ({ id: CheckID, status: Status })),
  }));
}

function catalogInstances(value: unknown): readonly ConsulInstance[] | undefined {
  return catalogSchema.safeParse(value).data?.map((instance) => ({
    node: instance.Node,
    nodeAddress: instance.Address,
    datacenter: instance.Datacenter ?? '',
    id: instance.ServiceID,
    address: instance.ServiceAddress ?? '',
    port: instance.ServicePort,
    tags: instance.ServiceTags ?? [],
    meta: instance.ServiceMeta ?? {},
    weights: instance.ServiceWeights ?? undefined,
    checks: [],
  }));
}
