import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import type { Server } from 'node:tls';
import { ManualClock } from '@headgate/shared/manual-clock';
import { NotedFailures } from './noted-failures.cases.ts';

function failed(code: string): Error {
  return Object.assign(new Error('what OpenSSL says'), { code });
}

describe('failed handshakes', () => {
  const clock = new ManualClock();
  let noted: NotedFailures;
  let server: EventEmitter;
  beforeEach(() => {
    noted = new NotedFailures('grpc', clock);
    server = new EventEmitter();
    noted.handshakes.watch(server as Server);
  });

  const fail = (code: string, socket: object = new Socket()): boolean =>
    server.emit('tlsClientError', failed(code), socket);

  it('are counted from the start', async () => {
    expect(await noted.count()).toBe(0);
  });

  it('are warned of once a minute for each reason, and counted all', async () => {
    fail('ERR_SSL_HTTP_REQUEST');
    fail('ERR_SSL_HTTP_REQUEST');
    fail('ERR_TLS_HANDSHAKE_TIMEOUT');
    clock.advance(59_999);
    fail('ERR_SSL_HTTP_REQUEST');
    clock.advance(1);
    fail('ERR_SSL_HTTP_REQUEST');
    expect(noted.lines.map(({ level }) => level)).toEqual(['warn', 'debug', 'warn', 'debug', 'warn']);
    expect(await noted.count()).toBe(5);
  });

  it('of callers who just left are no warning', () => {
    fail('ECONNRESET');
    expect(noted.lines).toMatchObject([{ level: 'debug', reason: 'ECONNRESET' }]);
  });

  it('for a certificate of the client say what is wrong with it', () => {
    const socket = Object.assign(new Socket(), { authorizationError: 'CERT_HAS_EXPIRED' });
    fail('ECONNRESET', socket);
    expect(noted.lines).toMatchObject([
      { level: 'warn', reason: "the client's certificate is not believed (CERT_HAS_EXPIRED)" },
    ]);
  });

  it('of other kinds are named by their code alone', () => {
    fail('ERR_SSL_NO_SHARED_CIPHER');
    expect(noted.reasons).toEqual(['ERR_SSL_NO_SHARED_CIPHER']);
  });
});
