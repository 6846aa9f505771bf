import { ManualClock } from '@headgate/shared/manual-clock';
import { startApi, until, type ApiFixture } from '../api-fixture.cases.ts';

const path = '/api/v1/session-keys';

interface Item {
  readonly id: string;
  readonly state: string;
  readonly issuesAt?: string;
  readonly expiresAt?: string;
}

describe('the keys of session cookies', () => {
  let api: ApiFixture;
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock();
    api = await startApi({ clock });
  });
  afterEach(() => api.close());

  async function items(): Promise<readonly Item[]> {
    return ((await api.send('GET', path)).body as { items: readonly Item[] }).items;
  }

  it('are listed without their secrets', async () => {
    const got = await api.send('GET', path);
    const createdAt = new Date(clock.now()).toISOString();
    const id = expect.stringMatching(/^[a-z0-9]{4}$/) as string;
    expect(got).toMatchObject({ status: 200, body: { items: [{ id, createdAt, state: 'issuing' }] } });
    expect(Object.keys((await items())[0]!)).toEqual(['id', 'createdAt', 'state']);
    expect((await api.send('GET', '/api/v1/secrets')).body).toEqual({ items: [] });
  });

  it('are rotated, and show when which step comes', async () => {
    const [old] = await items();
    const begun = await api.send('POST', `${path}/rotate`, { body: { grace: '2h' } });
    expect(begun.status).toBe(202);
    const issuesAt = new Date(clock.now() + 60_000).toISOString();
    expect(begun.body).toMatchObject({ items: [{ state: 'accepted', issuesAt }, old!] });
    clock.advance(61_000);
    await until(() => api.rooms.sessionKeys.status[1]?.state === 'retiring');
    const [next, former] = await items();
    expect(next).toMatchObject({ state: 'issuing' });
    expect(former).toMatchObject({ id: old!.id, state: 'retiring', expiresAt: expect.any(String) as string });
  });

  it('are not rotated twice at once', async () => {
    await api.send('POST', `${path}/rotate`, { body: {} });
    expect(await api.send('POST', `${path}/rotate`, { body: {} })).toMatchObject({
      status: 409,
      headers: { 'retry-after': '60' },
      body: { code: 'HEADGATE_ROTATING' },
    });
  });

  it.each([{ grace: '721h' }, { grace: 5 }, { grace: 'soon' }, { force: true }, []])('refuse %j', async (body) => {
    expect((await api.send('POST', `${path}/rotate`, { body })).status).toBe(422);
    expect(await items()).toHaveLength(1);
  });

  it('cannot be named as a secret', async () => {
    for (const name of ['.session-keys', '%2Esession-keys']) {
      const secret = `/api/v1/secrets/${name}`;
      expect((await api.send('GET', secret)).status).toBe(400);
      expect((await api.send('PUT', secret, { body: { value: 'mine' } })).status).toBe(400);
      expect((await api.send('DELETE', secret)).status).toBe(400);
    }
    expect(await items()).toHaveLength(1);
  });
});
