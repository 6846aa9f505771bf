import { z } from 'zod';
import type { SourceEntry } from '../source.ts';

/** One usable address. */
export interface Endpoint {
  /** The pod, or whatever else is there. */
  readonly name: string;
  readonly address: string;
  /** "" for none. */
  readonly zone: string;
  readonly state: NonNullable<SourceEntry['state']>;
}

/** A TCP port of all endpoints of a slice. */
export interface SlicePort {
  /** As the Service calls it; "" where its only port has no name. */
  readonly name: string;
  readonly number: number;
}

/** What is kept of an EndpointSlice: the endpoints that can be used. */
export interface EndpointSlice {
  readonly name: string;
  readonly version: string;
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly SlicePort[];
}

const flag = z.boolean().nullish();

const endpointSchema = z.object({
  addresses: z.tuple([z.string()], z.string()),
  conditions: z.object({ ready: flag, serving: flag, terminating: flag }).nullish(),
  zone: z.string().nullish(),
  nodeName: z.string().nullish(),
  targetRef: z.object({ name: z.string().nullish() }).nullish(),
});

const portSchema = z.object({
  name: z.string().nullish(),
  port: z.number().nullish(),
  protocol: z.string().nullish(),
});

const sliceSchema = z.object({
  metadata: z.object({ name: z.string().min(1), resourceVersion: z.string().min(1) }),
  addressType: z.string(),
  endpoints: z.array(endpointSchema).nullish(),
  ports: z.array(portSchema).nullish(),
});

/** An EndpointSlice of discovery.k8s.io/v1; undefined when the value is none. */
export function readEndpointSlice(value: unknown): EndpointSlice | undefined {
  const parsed = sliceSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { metadata, addressType, endpoints, ports } = parsed.data;
  // FQDN slices hold names, and servers are addresses.
  const isUsable = addressType === 'IPv4' || addressType === 'IPv6';
  return {
    name: metadata.name,
    version: metadata.resourceVersion,
    endpoints: isUsable ? (endpoints ?? []).map(endpointOf).filter((endpoint) => endpoint !== undefined) : [],
    ports: (ports ?? []).map(portOf).filter((port) => port !== undefined),
  };
}

function endpointOf(endpoint: z.output<typeof endpointSchema>): Endpoint | undefined {
  const state = stateOf(endpoint.conditions ?? {});
  if (state === undefined) return undefined;
  // All addresses of an endpoint lead to the same place, says the API: one is enough, as for kube-proxy.
  const [address] = endpoint.addresses;
  const name = endpoint.targetRef?.name ?? endpoint.nodeName ?? address;
  return { name, address, zone: endpoint.zone ?? '', state };
}

/**
 * `ready` unknown is ready. A pod that ends and still answers gets no new sessions but may finish those it has. Whatever
 * else is not ready is not there.
 */
function stateOf({ ready, serving, terminating }: NonNullable<z.output<typeof endpointSchema>['conditions']>) {
  if (ready !== false) return 'active';
  return serving === true && terminating === true ? 'draining' : undefined;
}

/** Undefined for what is not TCP, and for "all ports", which says nothing. */
function portOf({ name, port, protocol }: z.output<typeof portSchema>): SlicePort | undefined {
  if (typeof port !== 'number' || (protocol ?? 'TCP') !== 'TCP') return undefined;
  return { name: name ?? '', number: port };
}
