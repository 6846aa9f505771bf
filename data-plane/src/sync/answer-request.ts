import type { ExplainRequest, Request, Response } from '@headgate/proto/generated/headgate/v1/control_plane';
import { formatFault } from '@headgate/shared/model/fault';
import { parseExplainQuestion, type ExplainQuestion } from '@headgate/shared/model/explain-question';

/** Says how a request would be served; what it answers goes out as JSON. */
export type Explain = (question: ExplainQuestion) => object;

/** The control plane takes messages of 1 MiB. */
const MAX_BYTES = 900_000;

/** The answer to a question of the control plane. A question that cannot be answered is told why. */
export function answerRequest({ id, question }: Request, explain: Explain): Response {
  if (question?.$case !== 'explain') return failed(id, 'this data plane does not know the question; upgrade it');
  const read = parseExplainQuestion(documentOf(question.value));
  if (!read.ok) return failed(id, `the question is not valid: ${read.faults.slice(0, 5).map(formatFault).join('; ')}`);
  const value = JSON.stringify(explain(read.value));
  if (Buffer.byteLength(value) > MAX_BYTES) return failed(id, 'the explanation is too large');
  return { id, answer: { $case: 'explanation', value } };
}

function failed(id: number, value: string): Response {
  return { id, answer: { $case: 'error', value } };
}

function documentOf({ method, url, headers, clientAddress }: ExplainRequest): unknown {
  const values = Map.groupBy(headers, ({ name }) => name);
  return {
    method,
    url,
    headers: Object.fromEntries([...values].map(([name, fields]) => [name, fields.map(({ value }) => value)])),
    ...(clientAddress === '' ? {} : { clientAddress }),
  };
}
