import { healthCheck } from '../routing/snapshot-objects.cases.ts';
import { itWithIPv6, probeCases, RawServer, runProbe, until } from './probe.cases.ts';
import { probeTcp } from './probe-tcp.ts';

probeCases('tcp', probeTcp, healthCheck);

describe('probeTcp', () => {
  it('succeeds when the server accepts, sends nothing and goes away', async () => {
    const server = await RawServer.start();
    expect(await runProbe(probeTcp, { port: server.port, check: healthCheck() })).toEqual({
      outcome: 'success',
      detail: '',
    });
    await until(() => server.connections === 1 && server.sockets.size === 0);
    expect(server.received).toEqual(['']);
    await server.close();
  });

  itWithIPv6('probes IPv6 addresses', async () => {
    const server = await RawServer.start(undefined, '::1');
    const result = await runProbe(probeTcp, { address: '::1', port: server.port, check: healthCheck() });
    expect(result?.outcome).toBe('success');
    await server.close();
  });
});
