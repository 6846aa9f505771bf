import type { ConformanceCase } from '../conformance-case.ts';
import { answering, echoing } from '../origin-scripts.ts';
import { refusedHead } from '../refusal.ts';
import { relay } from '../relay.ts';
import { requestText } from '../wire-text.ts';

const post = (fields: readonly string[], body: string): string => requestText({ method: 'POST', fields }) + body;
const EMPTY_CHUNKS = '0\r\n\r\n';

const codings = (id: string, what: string, values: readonly string[], statuses = [400]): ConformanceCase =>
  refusedHead({
    id: `framing/${id}`,
    what,
    send: post(
      values.map((value) => `Transfer-Encoding:${value}`),
      EMPTY_CHUNKS,
    ),
    statuses,
  });

const lengths = (id: string, what: string, ...values: readonly string[]): ConformanceCase =>
  refusedHead({
    id: `framing/${id}`,
    what,
    send: post(
      values.map((value) => `Content-Length:${value}`),
      'hello',
    ),
  });

/** RFC 9112, 6: a body whose end could be read in two ways. */
const refused: readonly ConformanceCase[] = [
  refusedHead({
    id: 'framing/cl-and-te',
    what: 'Content-Length before Transfer-Encoding',
    send: post(['Content-Length: 5', 'Transfer-Encoding: chunked'], EMPTY_CHUNKS),
  }),
  refusedHead({
    id: 'framing/te-and-cl',
    what: 'Content-Length after Transfer-Encoding',
    send: post(['Transfer-Encoding: chunked', 'Content-Length: 5'], EMPTY_CHUNKS),
  }),
  refusedHead({
    id: 'framing/te-http10',
    what: 'Transfer-Encoding in HTTP/1.0',
    send: requestText({ method: 'POST', version: '1.0', fields: ['Transfer-Encoding: chunked'] }) + EMPTY_CHUNKS,
  }),
  lengths('cl-twice-different', 'two different lengths', ' 5', ' 6'),
  lengths('cl-twice-equal', 'the same length twice', ' 5', ' 5'),
  lengths('cl-list-different', 'a list of different lengths', ' 5, 6'),
  lengths('cl-plus', 'a length with a plus sign', ' +5'),
  lengths('cl-minus', 'a negative length', ' -5'),
  lengths('cl-minus-zero', 'a length of minus zero', ' -0'),
  lengths('cl-hexadecimal', 'a hexadecimal length', ' 0x5'),
  lengths('cl-underscore', 'a length with an underscore', ' 1_0'),
  lengths('cl-fraction', 'a fractional length', ' 5.0'),
  lengths('cl-inner-space', 'a length with a space inside', ' 1 0'),
  lengths('cl-empty', 'an empty length', ''),
  lengths('cl-word', 'a length that is a word', ' five'),
  lengths('cl-huge', 'a length beyond 64 bits', ' 99999999999999999999'),
  lengths('cl-beyond-exact', 'a length beyond what can be counted exactly', ' 18446744073709551621'),
  codings('te-twice', 'Transfer-Encoding twice', [' chunked', ' chunked']),
  codings('te-twice-one-line', 'chunked twice in one field', [' chunked, chunked']),
  codings('te-unknown', 'an unknown coding', [' xchunked'], [400, 501]),
  codings('te-identity', 'the coding identity', [' identity'], [400, 501]),
  codings('te-not-last', 'chunked that is not the last coding', [' chunked, gzip'], [400, 501]),
  codings('te-gzip-chunked', 'a coding below chunked, which would be lost', [' gzip, chunked'], [400, 501]),
  codings('te-identity-and-chunked', 'identity beside chunked', [' identity', ' chunked'], [400, 501]),
  codings('te-empty', 'an empty Transfer-Encoding', ['']),
  codings('te-vertical-tab', 'a vertical tab before the coding', [' \x0bchunked'], [400, 501]),
  codings('te-no-break-space', 'a no-break space before the coding', [' \xa0chunked'], [400, 501]),
  codings('te-next-line', 'a next-line character after the coding', [' chunked\x85'], [400, 501]),
  codings('te-tab-after', 'a tab after the coding', [' chunked\t'], [400, 501]),
  codings('te-form-feed', 'a form feed after the coding', [' chunked\x0c'], [400, 501]),
  codings('te-nul', 'NUL in the coding', [' chun\0ked'], [400, 501]),
  codings('te-parameter', 'chunked with a parameter', [' chunked;q=1'], [400, 501]),
  codings('te-quoted', 'chunked in quotes', [' "chunked"'], [400, 501]),
  refusedHead({
    id: 'framing/te-space-before-colon',
    what: 'a space between Transfer-Encoding and its colon',
    send: post(['Transfer-Encoding : chunked'], EMPTY_CHUNKS),
  }),
  refusedHead({
    id: 'framing/te-folded',
    what: 'a folded Transfer-Encoding',
    send: post(['Transfer-Encoding:', ' chunked'], EMPTY_CHUNKS),
  }),
];

const forwarded: readonly ConformanceCase[] = [
  {
    id: 'framing/cl-leading-zeros',
    title: 'reads a length with leading zeros as decimal, or refuses it',
    async run(stage) {
      const { client, origin } = await stage.serve(answering());
      const answer = await client.ask(post(['Content-Length: 010'], '0123456789'));
      if (answer.status === 400) return;
      expect(origin.requests.map((request) => request.body.toString())).toEqual(['0123456789']);
    },
  },
  {
    id: 'framing/get-with-body',
    title: 'forwards the body of a GET',
    async run(stage) {
      const scene = await stage.serve(echoing);
      const { seen, answer } = await relay(scene, requestText({ body: 'hello' }));
      expect([seen.body.toString(), answer.body.toString()]).toEqual(['hello', 'hello']);
    },
  },
  {
    id: 'framing/delete-with-chunked-body',
    title: 'forwards the chunked body of a DELETE',
    async run(stage) {
      const head = requestText({ method: 'DELETE', fields: ['Transfer-Encoding: chunked'] });
      const { seen } = await relay(await stage.serve(answering()), `${head}5\r\nhello\r\n0\r\n\r\n`);
      expect(seen.body.toString()).toBe('hello');
    },
  },
  {
    id: 'framing/post-without-length',
    title: 'takes a POST without length as one without body',
    async run(stage) {
      const scene = await stage.serve(answering());
      const { seen } = await relay(scene, requestText({ method: 'POST' }));
      expect(seen.body).toHaveLength(0);
      expect((await relay(scene, requestText({ target: '/next' }))).seen.target).toBe('/next');
    },
  },
  {
    id: 'framing/post-length-zero',
    title: 'tells the server that the body of a POST has no bytes',
    async run(stage) {
      const { seen } = await relay(await stage.serve(answering()), requestText({ method: 'POST', body: '' }));
      expect([seen.framing === 'none' ? 'length' : seen.framing, seen.body.length]).toEqual(['length', 0]);
    },
  },
];

export const framingCases = [...refused, ...forwarded];
