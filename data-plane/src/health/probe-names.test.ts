import { NameTable } from '../resolution/name-table.ts';
import { healthCheck, httpCheck, server } from '../routing/snapshot-objects.cases.ts';
import { probeHttp } from './probe-http.ts';
import { probeTcp } from './probe-tcp.ts';
import { RawServer, runProbe } from './probe.cases.ts';
import { closeOpened, opened, Plane, unusedPort, web } from './probed-plane.cases.ts';

const NAME = 'web.test';
const NOBODY = '127.0.0.6';

describe('probes of servers whose address is a name', () => {
  let names: NameTable;
  beforeEach(() => {
    names = new NameTable();
    names.expect(NAME);
  });
  afterEach(closeOpened);

  it('go where the name is, and call the server by it', async () => {
    const origin = await RawServer.answering('HTTP/1.1 200 OK\r\n\r\n');
    opened.push(origin);
    names.set(NAME, [NOBODY, '127.0.0.1']);
    const { port } = origin;
    for (let round = 0; round < 2; round++) {
      const result = await runProbe(probeHttp, { address: NAME, port, names, check: httpCheck() });
      expect(result).toEqual({ outcome: 'success', detail: '' });
    }
    expect(origin.received[0]).toContain(`\r\nHost: ${NAME}:${port}\r\n`);
  });

  it('say that no address lets them connect', async () => {
    names.set(NAME, [NOBODY, '127.0.0.1']);
    const result = await runProbe(probeTcp, { address: NAME, port: await unusedPort(), names, check: healthCheck() });
    expect(result).toEqual({ outcome: 'connect_failed', detail: 'no connection: ECONNREFUSED' });
  });

  it('say why there is no address', async () => {
    names.fail(NAME, 'the name does not exist');
    const result = await runProbe(probeTcp, { address: NAME, port: 80, names, check: healthCheck() });
    expect(result).toEqual({ outcome: 'connect_failed', detail: 'no address: the name does not exist' });
  });

  it('follow the name when it moves', async () => {
    const origin = await RawServer.answering('HTTP/1.1 200 OK\r\n\r\n');
    opened.push(origin);
    const plane = new Plane();
    plane.names.expect(NAME);
    plane.names.set(NAME, [NOBODY]);
    await plane.serve(web(), server('web', origin.port, { address: NAME }));
    await plane.run(1_000);
    expect(plane.verdicts('web')).toBe('d');
    plane.names.set(NAME, ['127.0.0.1']);
    await plane.run(2_500);
    expect(plane.verdicts('web')).toBe('h');
  });
});
