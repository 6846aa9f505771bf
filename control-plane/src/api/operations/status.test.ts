import { ManualClock } from '@headgate/shared/manual-clock';
import { startApi } from '../api-fixture.cases.ts';
import type { ReadinessResult } from '../readiness.ts';

describe('/livez', () => {
  it('answers while the process does', async () => {
    const api = await startApi();
    expect(await api.send('GET', '/livez', { token: undefined })).toMatchObject({
      status: 200,
      body: { status: 'ok' },
    });
    await api.close();
  });
});

describe('/readyz', () => {
  it('is ready when the store can be written to', async () => {
    const api = await startApi();
    expect(await api.send('GET', '/readyz', { token: undefined })).toMatchObject({
      status: 200,
      body: { status: 'ok' },
    });
    await api.close();
  });

  it('is not when the store is closed, and says so', async () => {
    const api = await startApi();
    await api.store.close();
    expect(await api.send('GET', '/readyz')).toMatchObject({
      status: 503,
      body: { code: 'HEADGATE_UNAVAILABLE', errors: [{ code: 'store_not_ready', detail: 'the store is closed' }] },
    });
    await api.close();
  });

  it('names everything that is not ready', async () => {
    const checks = [
      { name: 'store', check: () => ({ ok: false, reason: 'the disk is full' }) as const },
      { name: 'snapshots', check: () => ({ ok: true }) as const },
      { name: 'streams', check: () => Promise.reject(new Error('inside')) },
    ];
    const api = await startApi({ checks });
    const { body } = await api.send('GET', '/readyz');
    expect(body).toMatchObject({
      detail: 'Not ready: store, streams',
      errors: [
        { code: 'store_not_ready', detail: 'the disk is full' },
        { code: 'streams_not_ready', detail: 'cannot be looked at' },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('inside');
    await api.close();
  });

  it('looks once a second at most, however many ask', async () => {
    const clock = new ManualClock();
    let looks = 0;
    let result: ReadinessResult = { ok: false, reason: 'not yet' };
    const check = (): ReadinessResult => {
      looks++;
      return result;
    };
    const api = await startApi({ clock, checks: [{ name: 'streams', check }] });
    await Promise.all([1, 2, 3].map(() => api.send('GET', '/readyz')));
    result = { ok: true };
    expect((await api.send('GET', '/readyz')).status).toBe(503);
    expect(looks).toBe(1);
    clock.advance(1_000);
    expect((await api.send('GET', '/readyz')).status).toBe(200);
    expect(looks).toBe(2);
    await api.close();
  });
});

describe('/metrics', () => {
  it("is Prometheus' text format", async () => {
    const api = await startApi();
    const got = await api.send('GET', '/metrics', { token: undefined });
    expect(got).toMatchObject({ status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } });
    expect(got.body).toContain('headgate_build_info{version="test"} 1');
    expect(got.body).toContain('process_resident_memory_bytes');
    await api.close();
  });
});
