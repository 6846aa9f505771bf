import type { ServerState } from '@headgate/shared/model/server';
import { startApi, type ApiFixture } from '../api-fixture.cases.ts';

const backend = '/api/v1/backends/web';
const own = '10.0.0.1:80';
const brought = '10.0.0.2:80';

describe('servers that others bring', () => {
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi();
    const servers = [{ address: '10.0.0.1', port: 80, weight: 2 }];
    const hosts = [{ host: 'h.test', backend: 'web' }];
    await api.send('PUT', '/api/v1/config', { body: { backends: [{ name: 'web', servers }], hosts } });
  });
  afterEach(() => api.close());

  /** As a source brings it; undefined: it goes. */
  const bring = (endpoint: string, state: ServerState | undefined, weight = 1, owner = 'consul:0') => {
    const document = { address: endpoint.replace(/:.*/, ''), port: 80, weight };
    const member = state === undefined ? undefined : { document, state, since: 1 };
    return api.rooms.membership.write(owner, [{ backend: 'web', endpoint, member }]);
  };
  const at = (endpoint: string) => `${backend}/servers/${endpoint}`;

  describe('and the change guard', () => {
    it('count: the last of operators may go while they are active', async () => {
      await bring(brought, 'draining');
      expect(await api.send('DELETE', at(own))).toMatchObject({ body: { errors: [{ code: 'deactivates_backend' }] } });
      await bring(brought, 'active');
      const tried = await api.send('DELETE', `${at(own)}?dryRun=true`);
      expect(tried.body).toMatchObject({ guard: { allowed: true }, warnings: [] });
      expect((await api.send('DELETE', at(own))).status).toBe(200);
    });

    it('are warned about in a dry run as they would be then', async () => {
      await bring(brought, 'draining');
      const tried = await api.send('DELETE', `${at(own)}?dryRun=true`);
      expect(tried.body).toMatchObject({
        guard: { allowed: false, reasons: [{ code: 'deactivates_backend' }] },
        warnings: [{ kind: 'backend', name: 'web', code: 'no_active_server' }],
      });
    });
  });
});
