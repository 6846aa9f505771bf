import type { ConformanceCase } from '../conformance-case.ts';
import { answering } from '../origin-scripts.ts';
import { refusedHead } from '../refusal.ts';
import { relay } from '../relay.ts';
import { requestText } from '../wire-text.ts';

const rest = '\r\nHost: a.test\r\n\r\n';
const line = (id: string, what: string, startLine: string, statuses?: readonly number[]): ConformanceCase =>
  refusedHead({ id: `request-line/${id}`, what, send: startLine + rest, ...(statuses && { statuses }) });

/** RFC 9112, 3: anything but `method SP target SP version CRLF` is refused, not repaired. */
const refused: readonly ConformanceCase[] = [
  line('no-target', 'a request line without target', 'GET HTTP/1.1'),
  line('no-version', 'a request line without version', 'GET /'),
  line('two-spaces', 'two spaces in the request line', 'GET  / HTTP/1.1'),
  line('tab', 'a tab in the request line', 'GET\t/ HTTP/1.1'),
  line('space-in-target', 'a space inside the target', 'GET /a b HTTP/1.1'),
  line('trailing-space', 'white space after the version', 'GET / HTTP/1.1 '),
  line('version-lower-case', 'the version in lower case', 'GET / http/1.1'),
  line('version-no-minor', 'a version without minor number', 'GET / HTTP/1'),
  line('version-leading-zero', 'a version with a leading zero', 'GET / HTTP/01.1'),
  line('version-2', 'HTTP/2.0 in a request line', 'GET / HTTP/2.0', [400, 505]),
  line('version-3-digits', 'a version of three digits', 'GET / HTTP/1.10', [400, 505]),
  line('method-no-token', 'a method that is no token', 'GE(T / HTTP/1.1'),
  line('method-missing', 'a request line that begins with a space', ' / HTTP/1.1'),
  line('nul-in-target', 'NUL in the target', 'GET /\0 HTTP/1.1'),
  line('control-in-target', 'a control character in the target', 'GET /\x01 HTTP/1.1'),
  line('delete-in-target', 'DEL in the target', 'GET /\x7f HTTP/1.1'),
  line('high-bytes-in-target', 'bytes beyond ASCII in the target', 'GET /caf\xc3\xa9 HTTP/1.1'),
  line('fragment', 'a fragment in the target', 'GET /a#b HTTP/1.1'),
  line('relative-target', 'a target that does not begin with a slash', 'GET a HTTP/1.1'),
  line('asterisk-with-get', 'the asterisk form with another method than OPTIONS', 'GET * HTTP/1.1'),
  line('authority-form-with-get', 'the authority form with another method than CONNECT', 'GET a.test:80 HTTP/1.1'),
  line('absolute-form-no-host', 'an absolute form without host', 'GET http:///a HTTP/1.1'),
  line('absolute-form-bad-port', 'an absolute form with a port that is no number', 'GET http://a.test:8x/ HTTP/1.1'),
  line('absolute-form-userinfo', 'an absolute form with user information', 'GET http://u:p@a.test/ HTTP/1.1'),
  line('absolute-form-other-scheme', 'an absolute form that is not of HTTP', 'GET ftp://a.test/ HTTP/1.1'),
  refusedHead({
    id: 'request-line/bare-lf',
    what: 'lines that end with LF alone',
    send: 'GET / HTTP/1.1\nHost: a.test\n\n',
  }),
  refusedHead({
    id: 'request-line/bare-cr',
    what: 'lines that end with CR alone',
    send: 'GET / HTTP/1.1\rHost: a.test\r\r',
  }),
  refusedHead({
    id: 'request-line/tls',
    what: 'a TLS hello',
    send: '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n',
  }),
  refusedHead({
    id: 'request-line/http2-preface',
    what: 'the preface of HTTP/2',
    send: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    statuses: [400, 505],
  }),
];

const forwarded: readonly ConformanceCase[] = [
  {
    id: 'request-line/leading-empty-line',
    title: 'ignores an empty line before a request (RFC 9112, 2.2)',
    async run(stage) {
      const scene = await stage.serve(answering());
      scene.client.send('\r\n');
      expect((await relay(scene, requestText())).answer.status).toBe(200);
    },
  },
  {
    id: 'request-line/byte-by-byte',
    title: 'reads a head that comes byte by byte',
    async run(stage) {
      const { client, origin } = await stage.serve(answering());
      await client.sendPieces(requestText({ target: '/slow', fields: ['X-A: 1'] }));
      expect((await client.response()).status).toBe(200);
      expect(origin.requests.map((request) => request.target)).toEqual(['/slow']);
    },
  },
  {
    id: 'request-line/options-asterisk',
    title: 'forwards OPTIONS * as it is',
    async run(stage) {
      const scene = await stage.serve(answering());
      const { seen } = await relay(scene, requestText({ method: 'OPTIONS', target: '*' }));
      expect(seen.startLine).toBe('OPTIONS * HTTP/1.1');
    },
  },
  ...['DELETE', 'OPTIONS', 'PATCH', 'PROPFIND', 'PURGE', 'PUT', 'REPORT'].map((method): ConformanceCase => ({
    id: `request-line/method-${method.toLowerCase()}`,
    title: `forwards ${method}`,
    async run(stage) {
      const { seen, answer } = await relay(await stage.serve(answering()), requestText({ method, target: '/m' }));
      expect([seen.startLine, answer.status]).toEqual([`${method} /m HTTP/1.1`, 200]);
    },
  })),
  ...(['CONNECT', 'TRACE'] as const).map((method): ConformanceCase => ({
    id: `request-line/method-${method.toLowerCase()}`,
    title: `refuses ${method} and forwards nothing`,
    async run(stage) {
      const { client, origin, forwarder } = await stage.serve(answering());
      client.send(requestText({ method, target: method === 'CONNECT' ? 'a.test:443' : '/' }));
      expect([400, 405, 501]).toContain((await client.response()).status);
      await stage.idle(forwarder);
      expect(origin.received).toBe('');
    },
  })),
];

export const requestLineCases = [...refused, ...forwarded];
