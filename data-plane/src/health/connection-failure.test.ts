import { connectionFailure } from './connection-failure.ts';

const error = (code: string, syscall: string) =>
  Object.assign(new Error(`${syscall} ${code} 10.0.0.1:80`), { code, syscall });

describe('connectionFailure', () => {
  it('tells a server that cannot be reached from one that broke off', () => {
    expect(connectionFailure(error('EHOSTUNREACH', 'connect')).outcome).toBe('connect_failed');
    expect(connectionFailure(error('ECONNRESET', 'read'))).toEqual({
      outcome: 'connection_lost',
      detail: 'the connection was lost: ECONNRESET',
    });
  });

  it('does not blame a server for what this machine lacks', () => {
    for (const code of ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']) {
      expect(connectionFailure(error(code, 'connect')).outcome).toBe('local_failure');
    }
  });

  it('repeats nothing but a code', () => {
    expect(connectionFailure(new Error('a secret')).detail).toBe('the connection was lost: unknown error');
    expect(connectionFailure(error('x\r\ny', 'read')).detail).toBe('the connection was lost: unknown error');
  });
});
