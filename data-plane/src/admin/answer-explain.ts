import { parseJson } from '@headgate/shared/json/parse-json';
import { parseExplainQuestion } from '@headgate/shared/model/explain-question';
import type { Fault } from '@headgate/shared/model/fault';
import type { Explain } from '../explain/create-explain.ts';

export interface ExplainAnswer {
  readonly status: 200 | 400 | 413 | 415 | 422;
  readonly body: object;
}

/** What is answered to the content of a request for an explanation; undefined content was too large. */
export function answerExplain(type: string | undefined, content: Buffer | undefined, explain: Explain): ExplainAnswer {
  // A browser's form cannot send this type to a foreign site without asking.
  if (!/^application\/json *(;|$)/i.test(type ?? '')) return { status: 415, body: { error: 'json_needed' } };
  if (content === undefined) return { status: 413, body: { error: 'too_large' } };
  const parsed = parseJson(content.toString('utf8'));
  if (!parsed.ok) return faulty(400, 'bad_syntax', parsed.faults);
  const question = parseExplainQuestion(parsed.value);
  return question.ok ? { status: 200, body: explain(question.value) } : faulty(422, 'invalid', question.faults);
}

function faulty(status: 400 | 422, error: string, faults: readonly Fault[]): ExplainAnswer {
  return { status, body: { error, errors: faults } };
}
