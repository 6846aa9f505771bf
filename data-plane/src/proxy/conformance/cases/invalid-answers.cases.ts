import type { ConformanceCase } from '../conformance-case.ts';
import { answering } from '../origin-scripts.ts';
import { errorOf } from '../expect-own-answer.ts';
import { valueOf } from '../wire-message.ts';
import { answerText, requestText } from '../wire-text.ts';

/** Bytes that are no answer: the client gets 502 and nothing of them, and the connection to the server is not used again. */
const invalid = (id: string, what: string, bytes: string): ConformanceCase => ({
  id: `invalid-answers/${id}`,
  title: `answers 502 to ${what}, and drops the connection to the server`,
  async run(stage) {
    const { client, origin, forwarder } = await stage.serve(
      answering((request) => (request.target === '/next' ? answerText({ body: 'next' }) : bytes)),
    );
    const answer = await client.ask(requestText());
    expect(answer.status).toBe(502);
    expect(errorOf(answer)).toMatch(/^(invalid_answer|connection_lost)$/);
    await (await origin.connection(0)).closed();
    await stage.idle(forwarder);
    expect(client.received.text()).not.toContain('stray');
    const again = await stage.client(forwarder);
    expect((await again.ask(requestText({ target: '/next' }))).body.toString()).toBe('next');
  },
});

const head = (line: string, fields = 'Content-Length: 5'): string => `${line}\r\n${fields}\r\n\r\nstray`;

const refused: readonly ConformanceCase[] = [
  invalid('garbage', 'what is no HTTP', 'stray garbage\r\n\r\n'),
  invalid('binary', 'binary garbage', '\0\x01\x02\xff\xfe stray\r\n\r\n'),
  invalid('http09', 'an answer without a head', '<html>stray</html>\r\n'),
  invalid('other-protocol', 'another protocol', 'SSH-2.0-OpenSSH_9.2 stray\r\n'),
  invalid('version-2', 'HTTP/2.0', head('HTTP/2.0 200 OK')),
  invalid('status-two-digits', 'a status of two digits', head('HTTP/1.1 20 OK')),
  invalid('status-four-digits', 'a status of four digits', head('HTTP/1.1 2000 OK')),
  invalid('status-word', 'a status that is a word', head('HTTP/1.1 abc OK')),
  invalid('status-zero', 'status 000', head('HTTP/1.1 000 OK')),
  invalid('status-below-100', 'a status below 100', head('HTTP/1.1 099 OK')),
  invalid(
    'cl-and-te',
    'an answer with length and chunks',
    head('HTTP/1.1 200 OK', 'Content-Length: 5\r\nTransfer-Encoding: chunked'),
  ),
  invalid(
    'cl-different',
    'an answer with two lengths',
    head('HTTP/1.1 200 OK', 'Content-Length: 5\r\nContent-Length: 6'),
  ),
  invalid('cl-negative', 'an answer of negative length', head('HTTP/1.1 200 OK', 'Content-Length: -5')),
  invalid('cl-word', 'a length that is a word', head('HTTP/1.1 200 OK', 'Content-Length: five')),
  invalid('cl-huge', 'a length beyond 64 bits', head('HTTP/1.1 200 OK', 'Content-Length: 99999999999999999999')),
  invalid('no-colon', 'a field without colon', head('HTTP/1.1 200 OK', 'X-A')),
  invalid('nul-in-value', 'NUL in a value', head('HTTP/1.1 200 OK', 'X-A: \0\r\nContent-Length: 5')),
  invalid('bare-cr-in-value', 'CR in a value', head('HTTP/1.1 200 OK', 'X-A: 1\rX-B: 2\r\nContent-Length: 5')),
  invalid('name-no-token', 'a name that is no token', head('HTTP/1.1 200 OK', 'X(A): 1\r\nContent-Length: 5')),
  invalid('huge-head', 'a head of 300 KB', head('HTTP/1.1 200 OK', `X-A: ${'v'.repeat(300_000)}`)),
];

const closing = (id: string, title: string, before: string, how: 'end' | 'reset'): ConformanceCase => ({
  id: `invalid-answers/${id}`,
  title,
  async run(stage) {
    const { client, forwarder } = await stage.serve(async (connection) => {
      await connection.request();
      if (before !== '') connection.send(before);
      if (how === 'end') connection.end();
      else connection.reset();
    });
    const answer = await client.ask(requestText({ method: 'POST', body: 'hello' }));
    expect([answer.status, errorOf(answer)]).toEqual([
      502,
      expect.stringMatching(/^(invalid_answer|connection_lost)$/),
    ]);
    await stage.idle(forwarder);
  },
});

/** What a proxy has to mend in an answer or refuse (RFC 9112, 5.1 and 5.2). */
const mended = (id: string, title: string, line: string): ConformanceCase => ({
  id: `invalid-answers/${id}`,
  title,
  async run(stage) {
    const { client } = await stage.serve(answering(answerText({ fields: [line] })));
    const answer = await client.ask(requestText());
    if (answer.status !== 502) expect(valueOf(answer, 'x-a')).toMatch(/^1( +2)?$/);
  },
});

const greeting: ConformanceCase = {
  id: 'invalid-answers/greeting',
  title: 'answers 502 when a server speaks first, in another protocol',
  async run(stage) {
    const { client, origin, forwarder } = await stage.serve((connection) =>
      connection.send('220 mail.test ESMTP stray\r\n'),
    );
    expect((await client.ask(requestText())).status).toBe(502);
    expect(client.received.text()).not.toContain('stray');
    await (await origin.connection(0)).closed();
    await stage.idle(forwarder);
  },
};

export const invalidAnswerCases: readonly ConformanceCase[] = [
  ...refused,
  greeting,
  closing('nothing-end', 'answers 502 when a server closes without a word', '', 'end'),
  closing('nothing-reset', 'answers 502 when a server resets without a word', '', 'reset'),
  closing('half-head-end', 'answers 502 when a server closes inside the head', 'HTTP/1.1 200 OK\r\nX-A', 'end'),
  closing('half-head-reset', 'answers 502 when a server resets inside the head', 'HTTP/1.1 200 OK\r\nX-A', 'reset'),
  mended('folded', 'mends a folded field of an answer, or answers 502', 'X-A: 1\r\n 2'),
  mended('space-before-colon', 'mends a space before the colon in an answer, or answers 502', 'X-A : 1'),
];
