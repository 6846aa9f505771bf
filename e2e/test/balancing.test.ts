import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { siteHost } from '../src/harness/site.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

describe('balancing', () => {
  let system: System;
  let clients: readonly KeepAliveClient[];
  beforeAll(async () => {
    system = await System.start({ dataPlanes: 2, servers: 3 });
    clients = system.dataPlanes.map(({ port }) => new KeepAliveClient(port));
  }, 60_000);
  afterAll(async () => {
    for (const client of clients ?? []) client.close();
    await system?.close();
  });

  const write = async (settings: object, servers: readonly object[] = [{}, {}, {}]): Promise<void> => {
    const addresses = servers.map((server, index) => {
      return { address: '127.0.0.1', port: system.servers[index]!.port, ...server };
    });
    const configuration = {
      backends: [{ name: 'web', servers: addresses, ...settings }],
      hosts: [{ host: siteHost, backend: 'web' }],
    };
    const { version } = await system.api.write('PUT', '/api/v1/config', configuration);
    await system.api.converge(version);
  };
  const ask = async (user = 'u', plane = 0): Promise<string> => {
    const { status, headers } = await clients[plane]!.get(siteHost, '/', { headers: { 'x-user': user } });
    return status === 200 ? String(headers['x-server']) : String(status);
  };
  const counts = async (requests: number): Promise<Record<string, number>> => {
    const found: Record<string, number> = {};
    for (let request = 0; request < requests; request++) {
      const name = await ask();
      found[name] = (found[name] ?? 0) + 1;
    }
    return found;
  };
  const [one, two, three] = ['server-1', 'server-2', 'server-3'];
  const users = Array.from({ length: 60 }, (_, index) => `user-${index}`);

  it('gives exact shares by weight, through changes of everything else', async () => {
    const weights = [{ weight: 3 }, { weight: 2 }, { weight: 1 }];
    await write({ balance: { algorithm: 'weighted_round_robin' } }, weights);
    expect(await counts(60)).toEqual({ [one]: 30, [two]: 20, [three]: 10 });
    await write({ balance: { algorithm: 'weighted_round_robin' }, failOpen: true }, weights);
    expect(await counts(60)).toEqual({ [one]: 30, [two]: 20, [three]: 10 });
  });

  it('sends equal keys to the same server from all data planes, and moves only those of a server that goes', async () => {
    const balance = { algorithm: 'consistent_hash', key: { source: 'header', name: 'X-User' } };
    await write({ balance });
    const before: string[] = [];
    for (const user of users) before.push(await ask(user));
    for (const [index, user] of users.entries()) expect(await ask(user, 1)).toBe(before[index]);
    expect(new Set(before).size).toBe(3);
    await write({ balance }, [{}, {}]);
    for (const [index, user] of users.entries()) {
      if (before[index] !== three) expect(await ask(user)).toBe(before[index]);
      else expect([one, two]).toContain(await ask(user));
    }
  });

  it('sends to the least loaded server', async () => {
    await write({ balance: { algorithm: 'least_connections' } });
    const held = [0, 1].map(() => new KeepAliveClient(system.dataPlane.port));
    const answers = held.map((client) => client.get(siteHost, '/hold'));
    await waitUntil('two answers are held', () => system.servers.filter(({ holding }) => holding > 0).length === 2);
    const idle = system.servers.find(({ holding }) => holding === 0)!;
    expect(await counts(20)).toEqual({ [idle.name]: 20 });
    for (const server of system.servers) server.release();
    await Promise.all(answers);
    for (const client of held) client.close();
    expect(Object.keys(await counts(100)).sort()).toEqual([one, two, three]);
  });

  it.each(['power_of_two', 'random', 'round_robin'])('spreads requests over all servers by %s', async (algorithm) => {
    await write({ balance: { algorithm } });
    expect(Object.keys(await counts(100)).sort()).toEqual([one, two, three]);
  });

  it('uses a backup server only while the others are full', async () => {
    const settings = { balance: { algorithm: 'round_robin' }, limits: { requestsPerServer: 1 } };
    await write(settings, [{}, {}, { priority: 1 }]);
    expect(Object.keys(await counts(20)).sort()).toEqual([one, two]);
    const held = [0, 1].map(() => new KeepAliveClient(system.dataPlane.port));
    const answers = held.map((client) => client.get(siteHost, '/hold'));
    await waitUntil('two answers are held', () => system.servers.filter(({ holding }) => holding > 0).length === 2);
    expect(await counts(10)).toEqual({ [three]: 10 });
    for (const server of system.servers) server.release();
    await Promise.all(answers);
    for (const client of held) client.close();
    expect(Object.keys(await counts(20)).sort()).toEqual([one, two]);
  });
});
