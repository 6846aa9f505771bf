import { HeadgateError } from '@headgate/shared/error';
import { parseJson } from '@headgate/shared/json/parse-json';
import type { ExplainQuestion } from '@headgate/shared/model/explain-question';
import { sameSnapshot, type SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { DataPlaneAnswer, FleetQuestions } from '../fleet/fleet-questions.ts';
import type { FleetRegister } from '../fleet/fleet-register.ts';
import { notFound } from '../intent/precondition.ts';

/** Data planes that are asked at once. */
const MOST_ASKED = 20;

/** What one data plane says, or why it says nothing. */
export type ExplainedBy =
  | { readonly dataPlane: string; readonly explanation: object }
  | { readonly dataPlane: string; readonly error: HeadgateError };

export interface Explanations {
  readonly items: readonly ExplainedBy[];
  /** Connected data planes that were not asked. */
  readonly more: number;
}

export interface ExplainSources {
  readonly register: Pick<FleetRegister, 'member'>;
  readonly questions: FleetQuestions;
  readonly newest: SnapshotId;
}

/**
 * Asks data planes how they would serve a request: the named one, `*` for all that are connected, or undefined for one
 * that serves the newest version.
 *
 * @throws HeadgateError when it is one and that one does not answer
 */
export async function explainRequest(
  question: ExplainQuestion,
  dataPlane: string | undefined,
  sources: ExplainSources,
): Promise<Explanations> {
  const { questions } = sources;
  const { ids } = questions;
  if (dataPlane === '*') {
    if (ids.length === 0) throw nobodyConnected();
    const asked = ids.slice(0, MOST_ASKED);
    const items = await Promise.all(asked.map((id) => ask(id, question, questions)));
    return { items, more: ids.length - asked.length };
  }
  const item = await ask(
    dataPlane === undefined ? newestOf(ids, sources) : known(dataPlane, sources),
    question,
    questions,
  );
  if ('error' in item) throw item.error;
  return { items: [item], more: 0 };
}

/** One that serves the newest version, else any. */
function newestOf(ids: readonly string[], { register, newest }: ExplainSources): string {
  const current = ids.find((id) => sameSnapshot(register.member(id)?.held ?? { epoch: '', version: 0 }, newest));
  const chosen = current ?? ids[0];
  if (chosen === undefined) throw nobodyConnected();
  return chosen;
}

function known(id: string, { register }: ExplainSources): string {
  if (register.member(id) === undefined) throw notFound(`data plane ${id}`);
  return id;
}

async function ask(dataPlane: string, question: ExplainQuestion, questions: FleetQuestions): Promise<ExplainedBy> {
  const answer = await questions.explain(dataPlane, question);
  if (answer.kind !== 'answer') return { dataPlane, error: failureOf(dataPlane, answer) };
  const parsed = parseJson(answer.text);
  if (parsed.ok && typeof parsed.value === 'object' && parsed.value !== null && !Array.isArray(parsed.value)) {
    return { dataPlane, explanation: parsed.value };
  }
  return { dataPlane, error: failureOf(dataPlane, { kind: 'failed', reason: 'its answer is no JSON object' }) };
}

function nobodyConnected(): HeadgateError {
  return new HeadgateError('HEADGATE_NO_DATA_PLANE', 'No data plane is connected — start one, or ask again when it is');
}

function failureOf(id: string, answer: Exclude<DataPlaneAnswer, { readonly kind: 'answer' }>): HeadgateError {
  switch (answer.kind) {
    case 'failed':
      return new HeadgateError('HEADGATE_DATA_PLANE_FAILED', `The data plane ${id} could not answer: ${answer.reason}`);
    case 'late':
      return new HeadgateError(
        'HEADGATE_NO_ANSWER',
        `The data plane ${id} has not answered within 5 s — look at its log`,
      );
    case 'gone':
      return new HeadgateError('HEADGATE_NOT_CONNECTED', `The data plane ${id} is not connected — ask another one`);
    case 'busy':
      return new HeadgateError(
        'HEADGATE_TOO_MANY_QUESTIONS',
        `The data plane ${id} has 16 questions to answer — ask again in a second`,
        { retryAfterMs: 1_000 },
      );
    case 'unsupported':
      return new HeadgateError(
        'HEADGATE_NOT_SUPPORTED',
        `The data plane ${id} is of a release that explains nothing — upgrade it`,
      );
  }
}
