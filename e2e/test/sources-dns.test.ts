import { DnsTestServer } from '@headgate/shared/dns/dns-server.cases';
import type { DemoServer } from '../src/harness/demo-server.ts';
import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { siteHost } from '../src/harness/site.ts';
import { SteadyLoad } from '../src/harness/steady-load.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

const SERVICE = '_http._tcp.web.example.test';
const NAME = 'api.example.test';

interface SourceView {
  readonly name: string;
  readonly type: string;
  readonly backend: string;
  readonly state: 'starting' | 'current' | 'stale' | 'held';
  readonly error: string;
  readonly entries: number;
  readonly failures: number;
}

describe('servers from DNS, under load', () => {
  let dns: DnsTestServer;
  let system: System;
  let load: SteadyLoad;
  beforeAll(async () => {
    dns = await DnsTestServer.start();
    system = await System.start({ servers: 3 });
    dns.holdAddresses(NAME, ['127.0.0.1']);
    publish(system.servers[0]!);
    const common = { type: 'dns', interval: '1s', timeout: '500ms', resolvers: [dns.address] };
    const { version } = await system.api.write('PUT', '/api/v1/config', {
      backends: [
        { name: 'web', sources: [{ ...common, name: SERVICE, record: 'SRV' }] },
        { name: 'api', sources: [{ ...common, name: NAME, port: system.servers[2]!.port }] },
      ],
      hosts: [
        { host: siteHost, backend: 'web' },
        { host: 'api.example.com', backend: 'api' },
      ],
    });
    await system.api.converge(version);
    await becomes(system.servers[0]!);
    load = new SteadyLoad({ port: system.dataPlane.port, host: siteHost, requestsPerSecond: 50 });
  }, 60_000);
  afterAll(async () => {
    load?.abort();
    await system?.close();
    await dns.stop();
  });

  /** The service has these servers from now on; each target is a name of its own. */
  function publish(...servers: readonly DemoServer[]): void {
    for (const { name } of servers) dns.holdAddresses(`${name}.example.test`, ['127.0.0.1']);
    const common = { type: 'SRV', priority: 10, weight: 1 } as const;
    dns.hold(
      SERVICE,
      servers.map(({ name, port }) => ({ ...common, port, target: `${name}.example.test` })),
    );
  }

  /** Waits until the data plane has exactly these. */
  async function becomes(...servers: readonly DemoServer[]): Promise<void> {
    const wanted = servers.map(({ port }) => port).sort();
    await waitUntil(`the servers are ${servers.map(({ name }) => name).join(', ')}`, async () => {
      const { backends } = (await system.dataPlane.dump()) as {
        backends: readonly { readonly name: string; readonly servers: readonly { readonly port: number }[] }[];
      };
      const ports = backends
        .find(({ name }) => name === 'web')
        ?.servers.map(({ port }) => port)
        .sort();
      return JSON.stringify(ports) === JSON.stringify(wanted);
    });
  }

  async function source(): Promise<SourceView> {
    const { body } = await system.api.request<{ items: readonly SourceView[] }>('GET', '/api/v1/sources');
    return body.items.find(({ backend }) => backend === 'web')!;
  }

  const isIn = (state: SourceView['state']) => async () => {
    const current = await source();
    return current.state === state && current;
  };

  it('appear, and get requests', async () => {
    const [first, second] = system.servers as [DemoServer, DemoServer];
    publish(first, second);
    await becomes(first, second);
    const before = second.answered;
    await waitUntil('the second is used', () => second.answered > before);
    expect(await source()).toMatchObject({ name: 'web/dns:0', type: 'dns', state: 'current', error: '', entries: 2 });
    const shown = await system.api.request<{ items: readonly unknown[] }>('GET', '/api/v1/backends/web/servers');
    expect(shown.body.items).toMatchObject([{ sources: ['dns'] }, { sources: ['dns'] }]);
  });

  it('of a name with addresses have the port that is written beside it', async () => {
    const client = new KeepAliveClient(system.dataPlane.port);
    const answer = await waitUntil('it is served', async () => {
      const current = await client.get('api.example.com');
      return current.status === 200 && current;
    });
    client.close();
    expect(answer.headers['x-server']).toBe('server-3');
  });

  it('change', async () => {
    const [, second, third] = system.servers as [DemoServer, DemoServer, DemoServer];
    publish(second, third);
    await becomes(second, third);
  });

  const nothing = (): void => undefined;
  it.each<readonly [string, () => Promise<void> | void, RegExp, () => Promise<void> | void]>([
    ['the resolver stops', () => dns.stop(), /^SRV of _http\._tcp\.web\.example\.test: /, () => dns.restart()],
    ['the name is gone', () => dns.forget(SERVICE), /: the name does not exist$/, nothing],
    ['the resolver fails', () => dns.misbehave(SERVICE, 'servfail'), /SERVFAIL/, nothing],
    ['a target cannot be looked up', () => dns.misbehave('server-3.example.test', 'servfail'), /SERVFAIL/, nothing],
  ])('stay when %s, which is shown, and change again afterwards', async (_, breakIt, error, mend) => {
    const [first, second, third] = system.servers as [DemoServer, DemoServer, DemoServer];
    publish(second, third);
    await becomes(second, third);
    await waitUntil('it is current', isIn('current'));
    await breakIt();
    const stale = await waitUntil('it is stale', isIn('stale'));
    expect(stale).toMatchObject({ entries: 2, error: expect.stringMatching(error) as string });
    await waitUntil('it has failed again', async () => (await source()).failures > stale.failures);
    await becomes(second, third);
    await load.more(25);
    await mend();
    publish(first, third);
    await becomes(first, third);
    expect(await source()).toMatchObject({ state: 'current', error: '', entries: 2 });
  });

  it('are there when the control plane starts again while nobody answers', async () => {
    const [first, , third] = system.servers as [DemoServer, DemoServer, DemoServer];
    await dns.stop();
    await system.controlPlane.stop('SIGKILL');
    await system.controlPlane.start();
    expect(await waitUntil('it is stale', isIn('stale'))).toMatchObject({ entries: 2 });
    await becomes(first, third);
    await dns.restart();
    publish(third);
    await becomes(third);
  });

  it('have lost no request', async () => {
    await load.more(25);
    expect(await load.stop()).toEqual([]);
  });
});
