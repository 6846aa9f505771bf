import type { ApiClient } from '@headgate/e2e/harness/api-client';
import type { Endpoint } from '../peers/endpoint.ts';
import { sourcedHost, type SteeredSource } from './steered-source.ts';

/** The next server registers itself; once it is routed to, the one of before leaves. */
export const registrationSource: SteeredSource = {
  name: 'registration (`PUT`)',
  open: (first) => {
    let api: ApiClient | undefined;
    const tell = async (method: string, { address, port }: Endpoint): Promise<void> => {
      await api?.write(method, `/api/v1/backends/web/registrations/${address}:${port}`);
    };
    return Promise.resolve({
      begin: async (its) => {
        api = its;
        await its.write('PUT', '/api/v1/config', sourcedHost({ registration: { ttl: '1m' } }));
        await tell('PUT', first);
      },
      point: (to) => tell('PUT', to),
      drop: (old) => tell('DELETE', old),
    });
  },
};
