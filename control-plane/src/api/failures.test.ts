import { startApi } from './api-fixture.cases.ts';

describe('a failure inside', () => {
  it('tells nothing but an id', async () => {
    const broken = await startApi({
      authenticate: () => {
        throw new Error('secret inside');
      },
    });
    const got = await broken.send('GET', '/api/v1/config');
    expect(got).toMatchObject({
      status: 500,
      body: {
        code: 'HEADGATE_INTERNAL',
        instance: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/) as string,
        errors: [],
      },
    });
    expect(JSON.stringify(got.body)).not.toContain('secret');
    await broken.close();
  });

  it('of the disk is 507, and reads go on', async () => {
    const api = await startApi();
    api.store.limitBytes(4_096);
    const servers = Array.from({ length: 2_000 }, (_, index) => ({
      address: `10.0.${index >> 8}.${index & 255}`,
      port: 80,
    }));
    const got = await api.send('PUT', '/api/v1/backends/web', { body: { servers } });
    expect(got).toMatchObject({ status: 507, body: { code: 'HEADGATE_STORE_FULL' } });
    expect((await api.send('GET', '/api/v1/config')).body).toEqual({ backends: [], hosts: [] });
    api.store.limitBytes(undefined);
    expect((await api.send('PUT', '/api/v1/backends/web', { body: { servers } })).status).toBe(201);
    await api.close();
  });
});
