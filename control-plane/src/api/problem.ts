import { errorCatalogue, type ErrorCode } from '@headgate/shared/error';
import type { Fault } from '@headgate/shared/model/fault';
import { z } from 'zod';
import type { Reply } from './reply.ts';

export const faultSchema = z
  .object({
    pointer: z.string().meta({
      description:
        'JSON pointer (RFC 6901) into the content; of parameters /path/…, /query/… and /header/…; "" for the whole.',
    }),
    code: z.string().meta({ description: 'Machine-readable reason.' }),
    detail: z.string().meta({ description: 'What is wrong.' }),
    fix: z.string().meta({ description: 'What to do about it.' }),
  })
  .meta({ id: 'Fault' });

/** Problem document (RFC 9457), as `application/problem+json`. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'urn:headgate:error: and the code.' }),
    title: z.string().meta({ description: 'The same for every problem of this code.' }),
    status: z.int().meta({ description: 'The HTTP status.' }),
    code: z
      .enum(Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]])
      .meta({ description: 'Stable; to be tested by programs.' }),
    detail: z.string().meta({ description: 'What is wrong this time.' }),
    instance: z
      .string()
      .optional()
      .meta({ description: 'urn:uuid: of a 5xx; the log of the control plane has it too.' }),
    errors: z
      .array(faultSchema)
      .meta({ description: 'Every fault of the request; a thousand at most, then their number.' }),
  })
  .meta({ id: 'Problem', description: 'Problem document (RFC 9457).' });

export type Problem = z.infer<typeof problemSchema>;

export interface ProblemOptions {
  readonly faults?: readonly Fault[] | undefined;
  readonly instance?: string | undefined;
}

/** The problem document of one failure. */
export function problemOf(code: ErrorCode, detail: string, { faults = [], instance }: ProblemOptions = {}): Problem {
  const { status, title } = errorCatalogue[code];
  return {
    type: `urn:headgate:error:${code}`,
    title,
    status,
    code,
    detail,
    ...(instance === undefined ? {} : { instance }),
    errors: [...faults],
  };
}

/** The reply that carries a problem document. */
export function problemReply(
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): Reply & { readonly body: Problem } {
  return { status: problem.status, body: problem, headers, contentType: 'application/problem+json' };
}
