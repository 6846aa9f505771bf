import type { ConformanceCase } from '../conformance-case.ts';
import { answering } from '../origin-scripts.ts';
import { refusedHead } from '../refusal.ts';
import { relay } from '../relay.ts';
import { valuesOf } from '../wire-message.ts';
import { requestText } from '../wire-text.ts';

const host = (id: string, what: string, ...hosts: readonly string[]): ConformanceCase =>
  refusedHead({
    id: `host/${id}`,
    what,
    send: requestText({ host: '', fields: hosts.map((value) => `Host: ${value}`) }),
  });

/** RFC 9112, 3.2: exactly one valid Host, or 400. */
const refused: readonly ConformanceCase[] = [
  host('missing', 'HTTP/1.1 without Host'),
  host('twice', 'two hosts', 'a.test', 'b.test'),
  host('twice-equal', 'the same host twice', 'a.test', 'a.test'),
  host('empty', 'an empty host', ''),
  host('list', 'a list of hosts', 'a.test, b.test'),
  host('space', 'a host with a space', 'a.test b.test'),
  host('path', 'a host with a path', 'a.test/x'),
  host('userinfo', 'a host with user information', 'u@a.test'),
  host('bad-port', 'a port that is no number', 'a.test:8x'),
  host('two-ports', 'two ports', 'a.test:80:81'),
  host('open-bracket', 'a bracket that does not close', '[::1'),
  host('high-bytes', 'bytes beyond ASCII', 'a\xe4.test'),
  host('query', 'a host with a query', 'a.test?x'),
  refusedHead({
    id: 'host/missing-with-absolute-form',
    what: 'HTTP/1.1 without Host even when the target has one',
    send: requestText({ target: 'http://a.test/', host: '' }),
  }),
];

/** What names the host a.test, and what the server has to be told. */
const accepted = (id: string, title: string, value: string): ConformanceCase => ({
  id: `host/${id}`,
  title: `${title}, and passes it on as sent`,
  async run(stage) {
    const { seen } = await relay(await stage.serve(answering()), requestText({ host: value }));
    expect(valuesOf(seen, 'host')).toEqual([value]);
  },
});

const forwarded: readonly ConformanceCase[] = [
  accepted('other-case', 'finds a host in another case', 'A.Test'),
  accepted('port', 'finds a host with a port', 'a.test:8080'),
  accepted('trailing-dot', 'finds a host with a trailing dot', 'a.test.'),
  {
    id: 'host/absolute-form-wins',
    title: 'takes the host of an absolute form over Host, and sends the origin form (RFC 9112, 3.2.2)',
    async run(stage) {
      const scene = await stage.serve(answering());
      const { seen } = await relay(scene, requestText({ target: 'http://a.test/x?y=1', host: 'other.test' }));
      expect(seen.startLine).toBe('GET /x?y=1 HTTP/1.1');
      expect(valuesOf(seen, 'host')).toEqual(['a.test']);
    },
  },
  {
    id: 'host/absolute-form-unknown',
    title: 'does not fall back to Host when the host of an absolute form is unknown',
    async run(stage) {
      const { client, origin } = await stage.serve(answering());
      const answer = await client.ask(requestText({ target: 'http://other.test/', host: 'a.test' }));
      expect(answer.status).toBe(404);
      expect(origin.received).toBe('');
    },
  },
  {
    id: 'host/absolute-form-no-path',
    title: 'asks for / when an absolute form has no path',
    async run(stage) {
      const scene = await stage.serve(answering());
      const { seen } = await relay(scene, requestText({ target: 'http://a.test?q=1' }));
      expect(seen.target).toBe('/?q=1');
    },
  },
  {
    id: 'host/http10-without-host',
    title: 'sends HTTP/1.0 without Host to the default host, with one Host field',
    async run(stage) {
      const scene = await stage.serve(answering(), { hosts: [{ host: '*', backend: 'web' }] });
      const { seen, answer } = await relay(scene, requestText({ version: '1.0', host: '' }));
      expect(answer.status).toBe(200);
      expect(valuesOf(seen, 'host')).toHaveLength(1);
    },
  },
  {
    id: 'host/http10-without-host-and-default',
    title: 'answers 404 to HTTP/1.0 without Host when there is no default host',
    async run(stage) {
      const { client } = await stage.serve(answering());
      expect((await client.ask(requestText({ version: '1.0', host: '' }))).status).toBe(404);
    },
  },
];

export const hostCases = [...refused, ...forwarded];
