import { answerDifference } from './answer-difference.ts';
import type { AnswerInput } from './answer-inputs.ts';
import type { AnswerRead } from './read-answer.ts';
import { readWireAnswer } from './read-wire-answer.ts';

const input: AnswerInput = { method: 'GET', version: '1.1', answer: '', ends: true };
const sent: AnswerRead = {
  interim: [{ status: 103, rawHeaders: ['Link', 'a'] }],
  answer: {
    ...{ status: 200, phrase: 'OK', rawHeaders: ['X-A', '1', 'Content-Length', '5', 'Keep-Alive', 'timeout=5'] },
    ...{ body: Buffer.from('hello'), rawTrailers: [], complete: true },
  },
  error: '',
};
const HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: a\r\nVia: 1.1 headgate\r\n\r\n';
const FIELDS = 'X-A: 1\r\nContent-Length: 5\r\nX-Request-Id: id\r\nVia: 1.1 headgate\r\nDate: now\r\n';
const SEEN = `${HINTS}HTTP/1.1 200 OK\r\n${FIELDS}\r\nhello`;

const differenceOf = (text: string): string | undefined =>
  answerDifference(input, sent, readWireAnswer(Buffer.from(text, 'latin1'), 'GET', false));

describe('the difference between the answer that was sent and the one that was seen', () => {
  it('is none for what a proxy has to do, nor for an answer that was cut', () => {
    expect(differenceOf(SEEN)).toBeUndefined();
    expect(differenceOf(SEEN.slice(0, -2))).toBeUndefined();
  });

  it.each([
    ['interim', SEEN.slice(HINTS.length)],
    ['status', SEEN.replace('200', '201')],
    ['status', SEEN.replace('OK', 'Fine')],
    ['fields', SEEN.replace('X-A: 1', 'X-A: 2')],
    ['fields', SEEN.replace('X-A: 1\r\n', '')],
    ['length', SEEN.replace('Length: 5', 'Length: 4')],
    ['content', SEEN.replace('hello', 'hellO')],
  ])('is its %s: %j', (what, text) => {
    expect(differenceOf(text)).toMatch(what);
  });

  it('is an answer that Node does not read, or whose end it does not see', () => {
    const seen = readWireAnswer(Buffer.from(SEEN), 'GET', false);
    expect(answerDifference(input, { ...sent, answer: undefined }, seen)).toMatch('no such answer');
    const open = { ...sent, answer: { ...sent.answer!, complete: false } };
    expect(answerDifference(input, open, seen)).toMatch('complete');
  });

  it('leaves what stands behind an answer to be seen', () => {
    expect(readWireAnswer(Buffer.from(`${SEEN}HTTP/1.1 200`), 'GET', false).rest).toBe('HTTP/1.1 200');
  });
});
