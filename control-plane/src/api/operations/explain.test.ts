import type { DataPlaneAnswer } from '../../fleet/fleet-questions.ts';
import { startApi, type ApiFixture } from '../api-fixture.cases.ts';

const explanation = { epoch: 'e', version: 1, backends: [] };
const explained: DataPlaneAnswer = { kind: 'answer', text: JSON.stringify(explanation) };

describe('explaining a request', () => {
  let api: ApiFixture;
  let asked: [string, unknown][];
  beforeEach(async () => {
    api = await startApi();
    asked = [];
  });
  afterEach(() => api.close());

  function connect(id: string, answer: DataPlaneAnswer, version = api.rooms.newest.value.id.version): void {
    const held = { ...api.rooms.newest.value.id, version };
    api.rooms.register.joined({ id, processUuid: 'p', softwareVersion: '1', threads: 1, labels: {}, held });
    api.rooms.questions.connected(id, {
      explain: (question) => {
        asked.push([id, question]);
        return Promise.resolve(answer);
      },
    });
  }

  function explain(body: object) {
    return api.send('POST', '/api/v1/explain', { body: { url: 'http://app.example.com/', ...body } });
  }

  it('asks the data plane that is named, with all that the caller says of the request', async () => {
    connect('x', explained);
    connect('y', explained);
    const headers = { cookie: ['a=1', 'b=2'], 'X-User': ' ann ' };
    const got = await explain({ dataPlane: 'y', method: 'POST', headers, clientAddress: '2001:DB8::1' });
    expect(got).toMatchObject({ status: 200, body: { items: [{ dataPlane: 'y', explanation }], moreDataPlanes: 0 } });
    expect(asked).toEqual([
      [
        'y',
        {
          method: 'POST',
          url: 'http://app.example.com/',
          headers: [
            { name: 'cookie', value: 'a=1' },
            { name: 'cookie', value: 'b=2' },
            { name: 'X-User', value: 'ann' },
          ],
          clientAddress: '2001:db8::1',
        },
      ],
    ]);
  });

  it('asks one that serves the newest version when none is named', async () => {
    await api.send('PUT', '/api/v1/backends/web', { body: {} });
    connect('a', explained, 1);
    connect('b', explained);
    expect((await explain({})).body).toMatchObject({ items: [{ dataPlane: 'b' }] });
  });

  it('asks twenty at once, and shows which of them say nothing', async () => {
    for (let index = 10; index < 32; index++) connect(`dp-${index}`, index === 10 ? { kind: 'late' } : explained);
    const { status, body } = await explain({ dataPlane: '*' });
    const { items, moreDataPlanes } = body as { items: object[]; moreDataPlanes: number };
    expect([status, items.length, moreDataPlanes]).toEqual([200, 20, 2]);
    expect(items[0]).toMatchObject({ dataPlane: 'dp-10', error: { code: 'HEADGATE_NO_ANSWER' } });
    expect(items[1]).toEqual({ dataPlane: 'dp-11', explanation });
  });

  it.each<[DataPlaneAnswer, number, string]>([
    [{ kind: 'late' }, 504, 'HEADGATE_NO_ANSWER'],
    [{ kind: 'gone' }, 409, 'HEADGATE_NOT_CONNECTED'],
    [{ kind: 'unsupported' }, 409, 'HEADGATE_NOT_SUPPORTED'],
    [{ kind: 'busy' }, 429, 'HEADGATE_TOO_MANY_QUESTIONS'],
    [{ kind: 'failed', reason: 'why' }, 502, 'HEADGATE_DATA_PLANE_FAILED'],
    [{ kind: 'answer', text: '[1]' }, 502, 'HEADGATE_DATA_PLANE_FAILED'],
    [{ kind: 'answer', text: '{"a":' }, 502, 'HEADGATE_DATA_PLANE_FAILED'],
  ])('says what came of %j by %i', async (answer, status, code) => {
    connect('x', answer);
    expect(await explain({ dataPlane: 'x' })).toMatchObject({ status, body: { code } });
  });

  it('tells a data plane that is unknown from one that has gone, and says when there is none', async () => {
    expect(await explain({})).toMatchObject({ status: 409, body: { code: 'HEADGATE_NO_DATA_PLANE' } });
    expect(await explain({ dataPlane: '*' })).toMatchObject({ status: 409 });
    expect(await explain({ dataPlane: 'nobody' })).toMatchObject({ status: 404 });
    const held = api.rooms.newest.value.id;
    const gone = { id: 'x', processUuid: 'p', softwareVersion: '1', threads: 1, labels: {}, held };
    api.rooms.register.joined(gone);
    api.rooms.register.left('x');
    expect(await explain({ dataPlane: 'x' })).toMatchObject({ status: 409, body: { code: 'HEADGATE_NOT_CONNECTED' } });
  });

  it('refuses a question with every fault, and repeats no header', async () => {
    const headers = { 'bad name': 'x', cookie: 'secret\u0000' };
    const body = { url: 'a b', method: 'G T', headers, clientAddress: 'me', dataPlane: '', other: 1 };
    const got = await api.send('POST', '/api/v1/explain', { body });
    expect(got.status).toBe(422);
    const pointers = (got.body as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer);
    expect(pointers.sort()).toEqual([
      ...['/clientAddress', '/dataPlane', '/headers/bad name', '/headers/cookie', '/method', '/other', '/url'],
    ]);
    expect(JSON.stringify(got.body)).not.toContain('secret');
  });
});
