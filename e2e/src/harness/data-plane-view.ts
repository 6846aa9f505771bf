import type { ApiClient } from './api-client.ts';

/** What the control plane shows of a data plane. */
export interface DataPlaneView {
  readonly id: string;
  readonly state: 'live' | 'lagging' | 'rejected' | 'gone';
  readonly version: number;
  readonly epoch: string;
  readonly connectedSince?: string;
  readonly staleSeconds: number;
  readonly problem?: { readonly code: string; readonly detail: string };
  readonly lastNack?: {
    readonly version: number;
    readonly errors: readonly { readonly object: string; readonly field: string; readonly reason: string }[];
  };
}

/** Undefined when the control plane does not know it. */
export async function lookAt(api: ApiClient, id: string): Promise<DataPlaneView | undefined> {
  const { status, body } = await api.request<DataPlaneView>('GET', `/api/v1/data-planes/${id}`);
  if (status === 404) return undefined;
  if (status !== 200) throw new Error(`${id} cannot be looked at: ${status} ${JSON.stringify(body)}`);
  return body;
}
