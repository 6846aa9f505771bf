import { clientFault, type ClientError } from './client-fault.ts';

function faultOf(code: string, packet?: string): string {
  const error: ClientError = Object.assign(new Error(code), { code });
  return clientFault(
    packet === undefined ? error : Object.assign(error, { rawPacket: Buffer.from(packet, 'latin1') }),
    100,
  );
}

describe('clientFault', () => {
  it('tells a request line that is too long from fields that are', () => {
    expect(faultOf('HPE_HEADER_OVERFLOW', `GET /${'a'.repeat(200)} HTTP/1.1\r\n`)).toBe('request_line_too_long');
    expect(faultOf('HPE_HEADER_OVERFLOW', `GET /${'a'.repeat(200)}`)).toBe('request_line_too_long');
    expect(faultOf('HPE_HEADER_OVERFLOW', `GET / HTTP/1.1\r\nX: ${'a'.repeat(200)}`)).toBe('header_too_large');
    expect(faultOf('HPE_HEADER_OVERFLOW', 'a'.repeat(200))).toBe('header_too_large');
    expect(faultOf('HPE_HEADER_OVERFLOW')).toBe('header_too_large');
  });

  it('tells versions that there are from those that are no versions', () => {
    expect(faultOf('HPE_INVALID_VERSION', 'GET / HTTP/3.0\r\n')).toBe('http_version_not_supported');
    for (const line of ['GET / HTTP/1\r\n', 'GET / HTTP/01.1\r\n', 'GET / HTTP/1.1\n', 'GET / http/1.1\r\n']) {
      expect(faultOf('HPE_INVALID_VERSION', line)).toBe('bad_request');
    }
  });

  it('answers what cannot be parsed or takes too long, and says nothing to those who have left', () => {
    expect([faultOf('HPE_INVALID_METHOD'), faultOf('ERR_HTTP_REQUEST_TIMEOUT')]).toEqual([
      'bad_request',
      'request_timeout',
    ]);
    expect([faultOf('ECONNRESET'), faultOf('EPIPE'), faultOf('HPE_INVALID_EOF_STATE')]).toEqual([
      'close',
      'close',
      'close',
    ]);
    expect(faultOf('HPE_CLOSED_CONNECTION')).toBe('ignore');
  });
});
