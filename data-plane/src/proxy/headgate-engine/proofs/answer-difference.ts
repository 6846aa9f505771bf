import type { WireAnswer } from './read-wire-answer.ts';
import type { AnswerInput } from './answer-inputs.ts';
import type { AnswerRead, NodeAnswer } from './read-answer.ts';
import { differs } from './differs.ts';
import { passedOnFields } from './passed-on-fields.ts';
import { valuesOf } from './values-of.ts';

/** How the answer that the client got differs from the one that the server gave; undefined when it does not. */
export function answerDifference(
  input: AnswerInput,
  { interim, answer }: AnswerRead,
  seen: WireAnswer,
): string | undefined {
  const { head } = seen;
  if (head === undefined) return undefined;
  if (answer === undefined) return 'Node reads no such answer';
  const fields = head.fields.flat();
  return (
    interimDifference(input, interim, seen) ??
    differs('status', statusOf(answer.status, answer.phrase), statusOf(head.status, phraseOf(head.startLine))) ??
    differs('fields', passedOnFields(answer.rawHeaders), withoutOwn(answer, fields)) ??
    differs('length', lengthOf(answer), valuesOf(fields, 'content-length').map(Number)) ??
    contentDifference(answer, seen)
  );
}

/** HTTP/1.0 has no interim answers, and 100 is between two neighbours. */
function interimDifference(
  { version }: AnswerInput,
  sent: AnswerRead['interim'],
  seen: WireAnswer,
): string | undefined {
  const expected = version === '1.0' ? [] : sent.filter(({ status }) => status !== 100).slice(0, 16);
  return differs(
    'interim answers',
    expected.map(({ status, rawHeaders }) => [status, passedOnFields(rawHeaders)]),
    seen.interim.map(({ status, fields }) => [status, withoutOwnVia(passedOnFields(fields.flat()))]),
  );
}

/** An answer that was cut may have less content, and nothing else. */
function contentDifference(sent: NodeAnswer, seen: WireAnswer): string | undefined {
  const body = seen.complete ? sent.body : sent.body.subarray(0, seen.body.length);
  if (!body.equals(seen.body))
    return `content: ${JSON.stringify([sent.body.toString('latin1'), seen.body.toString('latin1')])}`;
  if (seen.complete && !sent.complete) return 'content: complete where it has not come to its end';
  const trailers = passedOnFields(sent.rawTrailers);
  const madeUp = passedOnFields(seen.trailers.flat()).filter((field) => !trailers.includes(field));
  return madeUp.length === 0 ? undefined : `trailers: ${JSON.stringify(madeUp)}`;
}

/** Zeros in front of a length may go, and it has no place where there is never content (RFC 9110 section 8.6). */
function lengthOf({ status, rawHeaders }: NodeAnswer): readonly number[] {
  return status === 204 || status === 101 ? [] : valuesOf(rawHeaders, 'content-length').map(Number);
}

/** The proxy says 101 in its own words. */
function statusOf(status: number, phrase: string): string {
  return status === 101 ? '101' : `${status} ${phrase}`;
}

function phraseOf(startLine: string): string {
  return startLine.split(' ').slice(2).join(' ');
}

/** A proxy says the date where the server does not (RFC 9110 section 6.6.1). */
function withoutOwn(sent: NodeAnswer, fields: readonly string[]): readonly string[] {
  const hadDate = valuesOf(sent.rawHeaders, 'date').length > 0;
  return withoutOwnVia(passedOnFields(fields).filter((field) => hadDate || !/^date: /i.test(field)));
}

function withoutOwnVia(fields: readonly string[]): readonly string[] {
  return fields.filter((field, index) => !(/^Via: 1\.[01] headgate$/.test(field) && index >= fields.length - 2));
}
