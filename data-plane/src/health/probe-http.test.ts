import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ManualClock } from '@headgate/shared/manual-clock';
import { httpCheck } from '../routing/snapshot-objects.cases.ts';
import { itWithIPv6, probeCases, RawServer, runProbe, until } from './probe.cases.ts';
import { probeHttp } from './probe-http.ts';

probeCases('http', probeHttp, httpCheck);

/** The result of a probe whose server answers with these bytes. */
async function resultOf(bytes: string, check = httpCheck()) {
  const server = await RawServer.answering(bytes);
  const result = await runProbe(probeHttp, { port: server.port, check });
  await until(() => server.sockets.size === 0); // the probe has closed its side, whatever came
  await server.close();
  return result;
}

const success = { outcome: 'success', detail: '' };

describe('probeHttp', () => {
  it('asks for the path of the check, as itself', async () => {
    const server = await RawServer.answering('HTTP/1.1 200 OK\r\n\r\n');
    await runProbe(probeHttp, { port: server.port, check: httpCheck({ path: '/healthz?deep=1' }) });
    expect(server.received[0]!.split('\r\n')).toEqual([
      'GET /healthz?deep=1 HTTP/1.1',
      `Host: 127.0.0.1:${server.port}`,
      'User-Agent: headgate-health-check',
      'Accept: */*',
      'Connection: close',
      '',
      '',
    ]);
    await server.close();
  });

  it('asks with the method, the host and the fields of the check, which replace its own', async () => {
    const server = await RawServer.answering('HTTP/1.0 200 OK\r\n\r\n');
    const headers = [
      { name: 'X-Probe', value: 'yes' },
      { name: 'user-agent', value: 'somebody' },
    ];
    const check = httpCheck({ method: 'HEAD', path: '/status', host: 'foo.com', headers });
    expect(await runProbe(probeHttp, { port: server.port, check })).toEqual(success);
    expect(server.received[0]!.split('\r\n')).toEqual([
      'HEAD /status HTTP/1.1',
      'Host: foo.com',
      'Accept: */*',
      'X-Probe: yes',
      'user-agent: somebody',
      'Connection: close',
      '',
      '',
    ]);
    await server.close();
  });

  it('takes the answer of a server that closes its side in the same breath', async () => {
    const server = await RawServer.start((socket) => socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\n')));
    expect(await runProbe(probeHttp, { port: server.port, check: httpCheck() })).toEqual(success);
    await server.close();
  });

  it('does not wait for a server that has closed its side before it answers', async () => {
    const server = await RawServer.start((socket) => socket.end());
    const result = await runProbe(probeHttp, { port: server.port, check: httpCheck() });
    expect(result?.outcome).toBe('connection_lost');
    await server.close();
  });

  itWithIPv6('puts an IPv6 address into brackets', async () => {
    const server = await RawServer.start(
      (socket) => socket.once('data', () => socket.end('HTTP/1.1 204 No Content\r\n\r\n')),
      '::1',
    );
    const result = await runProbe(probeHttp, { address: '::1', port: server.port, check: httpCheck() });
    expect(result).toEqual(success);
    expect(server.received[0]).toContain(`\r\nHost: [::1]:${server.port}\r\n`);
    await server.close();
  });

  it('gets along with a real HTTP server', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers['user-agent']);
      response.statusCode = request.url === '/healthz' ? 200 : 503;
      response.end('x'.repeat(200_000));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await runProbe(probeHttp, { port, check: httpCheck({ path: '/healthz' }) })).toEqual(success);
    expect((await runProbe(probeHttp, { port, check: httpCheck() }))?.detail).toBe('status 503');
    expect(seen).toEqual(['headgate-health-check', 'headgate-health-check']);
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it.each([
    [200, [[200, 399]], true],
    [399, [[200, 399]], true],
    [400, [[200, 399]], false],
    [
      302,
      [
        [200, 200],
        [302, 302],
      ],
      true,
    ],
    [
      301,
      [
        [200, 200],
        [302, 302],
      ],
      false,
    ],
    [503, [[500, 599]], true],
    [101, [[101, 101]], true],
    [101, [[200, 399]], false],
  ] as const)('takes status %i under %j for healthy: %s', async (status, ranges, healthy) => {
    const check = httpCheck({ validStatuses: ranges.map(([from, to]) => ({ from, to })) });
    const result = await resultOf(`HTTP/1.1 ${status} x\r\n\r\n`, check);
    expect(result).toEqual(healthy ? success : { outcome: 'unexpected_status', detail: `status ${status}` });
  });

  it('does not follow redirects', async () => {
    const target = await RawServer.answering('HTTP/1.1 200 OK\r\n\r\n');
    const location = `http://127.0.0.1:${target.port}/`;
    const redirect = `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
    expect(await resultOf(redirect, httpCheck({ validStatuses: [{ from: 200, to: 299 }] }))).toEqual({
      outcome: 'unexpected_status',
      detail: 'status 302',
    });
    expect(await resultOf(redirect)).toEqual(success);
    expect(target.connections).toBe(0);
    await target.close();
  });

  it('passes over interim answers', async () => {
    expect(
      await resultOf(
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
      ),
    ).toEqual(success);
  });

  it('does not wait for a body', async () => {
    expect(await resultOf('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nx')).toEqual(success);
    expect(await resultOf('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')).toEqual(success);
  });

  it('ends a body that never does', async () => {
    const server = await RawServer.start((socket) => {
      const pour = () => {
        while (socket.writable && socket.write('x'.repeat(65_536)));
      };
      socket.on('drain', pour);
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        pour();
      });
    });
    expect(await runProbe(probeHttp, { port: server.port, check: httpCheck() })).toEqual(success);
    await until(() => server.sockets.size === 0);
    await server.close();
  });

  it('ends a head that never does', async () => {
    expect(await resultOf(`HTTP/1.1 200 OK\r\n${'X-Filler: yes\r\n'.repeat(5_000)}`)).toEqual({
      outcome: 'invalid_answer',
      detail: 'the head is larger than 16384 bytes',
    });
    expect((await resultOf('HTTP/1.1 100 Continue\r\n\r\n'.repeat(5_000)))?.outcome).toBe('invalid_answer');
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2p1\r\n'],
    ['a TLS alert', '\x15\x03\x01\x00\x02\x02\x0a'],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
    ['HTTP/0.9', '<html>hello</html>'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['a status beyond 599', 'HTTP/1.1 999 OK\r\n\r\n'],
    ['a status of letters', 'HTTP/1.1 OK OK\r\n\r\n'],
    ['a control character in the status line', 'HTTP/1.1 200 O\x00K\r\n\r\n'],
    ['a bare line feed after the status', 'HTTP/1.1 200 OK\nX: y\r\n\r\n'],
    ['nothing but line ends', '\r\n\r\n\r\n\r\n'],
  ])('takes %s for an invalid answer', async (_what, bytes) => {
    const result = await resultOf(bytes);
    expect(result?.outcome).toBe('invalid_answer');
    expect(result?.detail).toMatch(/^[a-zA-Z0-9 /.]{10,200}$/);
  });

  it('says connection_lost when the server closes before the head is complete', async () => {
    for (const bytes of ['', 'HTTP/1.1 200 OK\r\n']) {
      const server = await RawServer.start((socket) => socket.once('data', () => socket.end(bytes)));
      expect((await runProbe(probeHttp, { port: server.port, check: httpCheck() }))?.outcome).toBe('connection_lost');
      await server.close();
    }
  });

  it('says connection_lost when the server resets', async () => {
    const server = await RawServer.start((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const result = await runProbe(probeHttp, { port: server.port, check: httpCheck() });
    expect(result).toEqual({ outcome: 'connection_lost', detail: 'the connection was lost: ECONNRESET' });
    await server.close();
  });

  it('says timeout when the server never answers', async () => {
    const clock = new ManualClock();
    const server = await RawServer.start();
    const running = runProbe(probeHttp, { port: server.port, check: httpCheck({ timeoutMs: 700 }), clock });
    await until(() => server.received[0] !== undefined && server.received[0] !== '');
    clock.advance(699);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    expect(await running).toEqual({ outcome: 'timeout', detail: 'no answer within 700 ms' });
    expect(clock.pending).toBe(0);
    await until(() => server.sockets.size === 0);
    await server.close();
  });

  it('counts the timeout over the whole answer, however busily it drips', async () => {
    const clock = new ManualClock();
    const server = await RawServer.start((socket) => socket.once('data', () => socket.write('H')));
    const running = runProbe(probeHttp, { port: server.port, check: httpCheck({ timeoutMs: 1_000 }), clock });
    for (const letter of 'TTP/1.1 2') {
      await until(() => server.received[0]?.includes('\r\n\r\n') === true);
      clock.advance(100);
      for (const socket of server.sockets) socket.write(letter);
      await new Promise((resolve) => setImmediate(resolve));
    }
    clock.advance(100);
    expect((await running)?.outcome).toBe('timeout');
    await server.close();
  });

  it('reads a head that comes byte by byte', async () => {
    const server = await RawServer.start((socket) => {
      socket.setNoDelay(true);
      socket.once('data', () => void drip(socket, 'HTTP/1.1 204 No Content\r\nX: y\r\n\r\n'));
    });
    expect(await runProbe(probeHttp, { port: server.port, check: httpCheck() })).toEqual(success);
    await server.close();
  });
});

async function drip(socket: { write(text: string): boolean }, text: string): Promise<void> {
  for (const letter of text) {
    socket.write(letter);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
