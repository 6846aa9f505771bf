import { Consul } from '../peers/consul.ts';
import { sourcedHost, type SteeredSource } from './steered-source.ts';

/** An instance that registers anew elsewhere. */
export const consulSource: SteeredSource = {
  name: 'Consul, blocking query',
  open: async (first) => {
    const consul = await Consul.start();
    if (typeof consul === 'string') return consul;
    return {
      begin: async (api) => {
        await consul.put('web', first);
        const source = { type: 'consul', address: consul.url, service: 'web' };
        await api.write('PUT', '/api/v1/config', sourcedHost({ sources: [source] }));
      },
      point: (to) => consul.put('web', to),
      stop: () => consul.stop(),
    };
  },
};
