import type { ConformanceCase } from '../conformance-case.ts';
import { answering } from '../origin-scripts.ts';
import { refusedHead } from '../refusal.ts';
import { relay } from '../relay.ts';
import { valueOf, valuesOf } from '../wire-message.ts';
import { answerText, requestText } from '../wire-text.ts';

const field = (id: string, what: string, line: string): ConformanceCase =>
  refusedHead({ id: `fields/${id}`, what, send: requestText({ fields: [line, 'X-After: 1'] }) });

/** RFC 9112, 5. */
const refused: readonly ConformanceCase[] = [
  field('folded', 'a folded field', 'X-A: 1\r\n 2'),
  field('folded-with-tab', 'a field folded with a tab', 'X-A: 1\r\n\t2'),
  field('space-before-colon', 'a space before the colon', 'X-A : 1'),
  field('tab-before-colon', 'a tab before the colon', 'X-A\t: 1'),
  field('no-colon', 'a line without colon', 'X-A'),
  field('empty-name', 'an empty name', ': 1'),
  field('space-in-name', 'a space in a name', 'X A: 1'),
  field('parenthesis-in-name', 'a name that is no token', 'X(A): 1'),
  field('high-bytes-in-name', 'a name beyond ASCII', 'X-\xe4: 1'),
  field('nul-in-name', 'NUL in a name', 'X-\0: 1'),
  field('nul-in-value', 'NUL in a value', 'X-A: 1\x002'),
  field('control-in-value', 'a control character in a value', 'X-A: 1\x012'),
  field('delete-in-value', 'DEL in a value', 'X-A: 1\x7f2'),
  field('bare-cr-in-value', 'CR in a value', 'X-A: 1\rX-B: 2'),
  field('bare-lf', 'a line that ends with LF alone', 'X-A: 1\nX-B: 2'),
  field('bare-lf-then-body', 'an empty line of LF alone', 'X-A: 1\n\nGET /inner HTTP/1.1\r\nHost: a.test'),
  refusedHead({
    id: 'fields/space-before-first',
    what: 'white space before the first field',
    send: 'GET / HTTP/1.1\r\n Host: a.test\r\n\r\n',
  }),
];

const intact = (id: string, title: string, line: string, value: string): ConformanceCase => ({
  id: `fields/${id}`,
  title,
  async run(stage) {
    const scene = await stage.serve(answering(answerText({ fields: [line] })));
    const { seen, answer } = await relay(scene, requestText({ fields: [line] }));
    expect([valueOf(seen, 'x-a'), valueOf(answer, 'x-a')]).toEqual([value, value]);
  },
});

const forwarded: readonly ConformanceCase[] = [
  intact(
    'high-bytes',
    'passes bytes beyond ASCII in values on, both ways',
    'X-A: caf\xc3\xa9 \xff',
    'caf\xc3\xa9 \xff',
  ),
  intact('empty', 'passes empty values on, both ways', 'X-A:', ''),
  intact('no-space', 'needs no space after the colon', 'X-A:1', '1'),
  intact('space-around', 'takes no white space around a value for a part of it', 'X-A: \t 1 \t', '1'),
  intact('tab-inside', 'passes a tab inside a value on', 'X-A: 1\t2', '1\t2'),
  intact('long', 'passes a value of 7,000 bytes on', `X-A: ${'v'.repeat(7_000)}`, 'v'.repeat(7_000)),
  intact('colons', 'cuts at the first colon only', 'X-A: a:b: c', 'a:b: c'),
  {
    id: 'fields/spelling',
    title: 'keeps the spelling of names, both ways',
    async run(stage) {
      const lines = ['X-One: 1', 'x-two: 2', 'X-THREE: 3', 'x-fOuR: 4'];
      const scene = await stage.serve(answering(answerText({ fields: lines })));
      const { seen, answer } = await relay(scene, requestText({ fields: lines }));
      for (const message of [seen, answer]) {
        expect(message.fields.map(([name, value]) => `${name}: ${value}`)).toEqual(expect.arrayContaining(lines));
      }
    },
  },
  {
    id: 'fields/repeated',
    title: 'keeps repeated fields apart and in their order, both ways',
    async run(stage) {
      const lines = ['X-A: 1', 'X-B: 1, 2', 'x-a: 2', 'X-A:', 'X-b: 3', 'X-A: 1'];
      const scene = await stage.serve(answering(answerText({ fields: lines })));
      const { seen, answer } = await relay(scene, requestText({ fields: lines }));
      for (const message of [seen, answer]) {
        expect([valuesOf(message, 'x-a'), valuesOf(message, 'x-b')]).toEqual([
          ['1', '2', '', '1'],
          ['1, 2', '3'],
        ]);
      }
    },
  },
  {
    id: 'fields/order-and-case',
    title: 'keeps all fields in their order, repeated ones in their own spelling, both ways',
    async run(stage) {
      const lines = ['X-One: 1', 'x-two: a', 'X-Three: b', 'X-Two: c', 'x-ONE: 2'];
      const scene = await stage.serve(answering(answerText({ fields: lines })));
      const { seen, answer } = await relay(scene, requestText({ fields: lines }));
      for (const message of [seen, answer]) {
        const kept = message.fields.map(([name, value]) => `${name}: ${value}`).filter((line) => lines.includes(line));
        expect(kept).toEqual(lines);
      }
    },
  },
  {
    id: 'fields/set-cookie',
    title: 'never joins Set-Cookie fields',
    async run(stage) {
      const cookies = ['a=1; Path=/', 'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'a=3'];
      const scene = await stage.serve(
        answering(answerText({ fields: cookies.map((cookie) => `Set-Cookie: ${cookie}`) })),
      );
      const { answer } = await relay(scene, requestText());
      expect(valuesOf(answer, 'set-cookie')).toEqual(cookies);
    },
  },
  {
    id: 'fields/framing-alias',
    title: 'drops fields that servers could take for framing',
    async run(stage) {
      const aliases = ['Content_Length', 'Transfer_Encoding'];
      const fields = aliases.map((name) => `${name}: 5`);
      const { seen } = await relay(await stage.serve(answering()), requestText({ fields }));
      expect(aliases.flatMap((name) => valuesOf(seen, name))).toEqual([]);
    },
  },
  {
    id: 'fields/traceparent',
    title: 'passes traceparent and tracestate on',
    async run(stage) {
      const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      const fields = [`traceparent: ${trace}`, 'tracestate: a=1'];
      const { seen } = await relay(await stage.serve(answering()), requestText({ fields }));
      expect([valueOf(seen, 'traceparent'), valueOf(seen, 'tracestate')]).toEqual([trace, 'a=1']);
    },
  },
];

export const fieldCases = [...refused, ...forwarded];
