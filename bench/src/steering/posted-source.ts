import type { ApiClient } from '@headgate/e2e/harness/api-client';
import { oneHost } from '../peers/headgate-site.ts';
import type { Endpoint } from '../peers/endpoint.ts';
import type { SteeredSource } from './steered-source.ts';

/** Article 001's: the whole document is posted. */
export const postedSource: SteeredSource = {
  name: '`POST /config`',
  open: (first) => {
    let api: ApiClient | undefined;
    const post = async (to: Endpoint): Promise<void> => {
      await api?.write('POST', '/config', oneHost([to]));
    };
    return Promise.resolve({
      begin: async (its) => {
        api = its;
        await post(first);
      },
      point: post,
    });
  },
};
