import fc from 'fast-check';
import { AnswerBlock } from './answer-block.ts';
import { fieldLines, PreparedFields } from './prepared-fields.ts';
import { responseHeaders } from './response-headers.ts';

const text = fc.stringMatching(/^[\x21-\x7e\x80-\xff]{1,20}$/);
const field = fc.tuple(fc.stringMatching(/^[A-Za-z-]{1,12}$/), text);

describe('prepared fields', () => {
  it('are the fields with the id of the request, as a list and as lines', () => {
    fc.assert(
      fc.property(fc.array(field), fc.array(field), fc.array(text), (before, after, ids) => {
        const around = (id: string): string[] => [...before.flat(), 'X-Request-Id', id, ...after.flat()];
        const prepared = new PreparedFields(around(''));
        for (const id of ids) {
          expect(prepared.list(id)).toEqual(around(id));
          expect(prepared.lines(id)).toBe(fieldLines(around(id)));
        }
      }),
    );
  });

  it('put the id where the proxy has, not where somebody before did', () => {
    const prepared = new PreparedFields([
      'X-Request-Id',
      'theirs',
      'A',
      'X-Request-Id',
      'X-Request-Id',
      '',
      'Via',
      'v',
    ]);
    expect(prepared.list('own')).toEqual([
      'X-Request-Id',
      'theirs',
      'A',
      'X-Request-Id',
      'X-Request-Id',
      'own',
      'Via',
      'v',
    ]);
  });

  it('cannot be made without an id', () => {
    expect(() => new PreparedFields(['A', 'X-Request-Id'])).toThrow('X-Request-Id');
  });
});

describe('an answer block', () => {
  const rawHeaders = ['Trailer', 'Digest', 'Transfer-Encoding', 'chunked', 'Headgate-Version', '7', 'Via', '1.1 inner'];
  const readers = [
    { method: 'GET', clientVersion: '1.1', shownVersion: undefined, via: true, sessionCookie: undefined },
    { method: 'HEAD', clientVersion: '1.1', shownVersion: undefined, via: true, sessionCookie: undefined },
    { method: 'GET', clientVersion: '1.0', shownVersion: undefined, via: true, sessionCookie: undefined },
    { method: 'GET', clientVersion: '1.1', shownVersion: 3, via: true, sessionCookie: undefined },
    { method: 'GET', clientVersion: '1.1', shownVersion: 4, via: false, sessionCookie: undefined },
    { method: 'GET', clientVersion: '1.1', shownVersion: 4, via: false, sessionCookie: 'a=1' },
    { method: 'GET', clientVersion: '1.1', shownVersion: 4, via: false, sessionCookie: 'a=2' },
  ] as const;

  it('answers every client as if it was the first one', () => {
    const answer = { status: 200, rawHeaders, version: '1.1' } as const;
    const block = new AnswerBlock(answer);
    const index = fc.nat({ max: readers.length - 1 });
    fc.assert(
      fc.property(fc.array(index), (order) => {
        for (const each of order) {
          const expected = responseHeaders({ ...readers[each]!, ...answer, requestId: `id-${each}` });
          expect(block.prepare(readers[each]!).list(`id-${each}`)).toEqual(expected);
        }
      }),
    );
  });
});
