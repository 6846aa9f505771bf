import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { KubeApiserver } from '../peers/kube-apiserver.ts';
import type { Endpoint } from '../peers/endpoint.ts';
import { sourcedHost, type SteeredSource } from './steered-source.ts';

const leadToLoopback = pathToFileURL(join(import.meta.dirname, '..', 'lead-to-loopback.js')).href;

/** A slice that names another endpoint. */
export const kubernetesSource: SteeredSource = {
  name: 'Kubernetes, EndpointSlice',
  open: async (first) => {
    const cluster = await KubeApiserver.start();
    if (typeof cluster === 'string') return cluster;
    const put = ({ address, port }: Endpoint): Promise<void> =>
      cluster.putSlice('web', { address: address.replace(/^127\.0\./, '198.18.'), port });
    return {
      dataPlaneEnv: { NODE_OPTIONS: `--import ${leadToLoopback}` },
      begin: async (api) => {
        await put(first);
        await api.write('PUT', '/api/v1/secrets/cluster', { value: cluster.kubeconfig });
        const source = { type: 'kubernetes', service: 'web', kubeconfig: 'cluster' };
        await api.write('PUT', '/api/v1/config', sourcedHost({ sources: [source] }));
      },
      point: put,
      stop: () => cluster.stop(),
    };
  },
};
