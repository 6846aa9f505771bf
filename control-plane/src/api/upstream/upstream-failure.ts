import { z } from 'zod';
import type { FailureWords } from '../operation.ts';
import type { Problem } from '../problem.ts';

const schema = z
  .object({ error: z.string().meta({ description: 'What is wrong.' }) })
  .meta({ id: 'UpstreamFailure', description: "A failure as article 004's clients know it." });

/** `{"error": "port is required"}`; what is not the client's fault after `prefix`. */
export function upstreamFailure(prefix: string): FailureWords {
  return {
    schema,
    say: (problem) => ({ error: problem.status < 500 ? reasonOf(problem) : `${prefix}: ${reasonOf(problem)}` }),
  };
}

function reasonOf({ detail, errors: [first] }: Problem): string {
  return first === undefined ? detail : `${first.detail} - ${first.fix}`;
}
