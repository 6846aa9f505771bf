import { NameServer } from '../peers/name-server.ts';
import { sourcedHost, type SteeredSource } from './steered-source.ts';

/** An A record that changes; it is asked for as often as may be. */
export const dnsSource: SteeredSource = {
  name: 'DNS, A, `interval: 1s`',
  open: async ({ address, port }) => {
    const names = await NameServer.start(address);
    const resolvers = [`127.0.0.1:${names.port}`];
    const source = { type: 'dns', name: 'web.example.test', record: 'A', port, interval: '1s', resolvers };
    return {
      begin: async (api) => {
        await api.write('PUT', '/api/v1/config', sourcedHost({ sources: [source] }));
      },
      point: (to) => {
        names.address = to.address;
        return Promise.resolve();
      },
      stop: () => names.stop(),
    };
  },
};
