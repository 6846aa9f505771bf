import type { ApiClient } from '@headgate/e2e/harness/api-client';
import type { Endpoint } from '../peers/endpoint.ts';

/** A place that servers come from, which says that a.example.com is one server, and then that it is another one. */
export interface SteeredSource {
  readonly name: string;
  /** Starts what it needs, before there is a control plane; a text that says what is missing. */
  open(first: Endpoint): Promise<OpenSource | string>;
}

export interface OpenSource {
  /** Settings of the control plane. */
  readonly env?: Readonly<Record<string, string>>;
  /** Settings of the data plane. */
  readonly dataPlaneEnv?: Readonly<Record<string, string>>;
  /** Lets the control plane have the first server from it. */
  begin?(api: ApiClient): Promise<void>;
  /** Changes the source, so that this server is a.example.com's; what is measured begins with it. */
  point(to: Endpoint): Promise<void>;
  /** Takes away the one of before, where `point` did not. */
  drop?(old: Endpoint): Promise<void>;
  stop?(): Promise<void>;
}

/** A configuration in which a.example.com is served from this source alone. */
export function sourcedHost(backend: Readonly<Record<string, unknown>>): unknown {
  return { backends: [{ name: 'web', servers: [], ...backend }], hosts: [{ host: 'a.example.com', backend: 'web' }] };
}
