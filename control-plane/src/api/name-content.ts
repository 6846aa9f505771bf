import { HeadgateError } from '@headgate/shared/error';
import type { Fault } from '@headgate/shared/model/fault';

/**
 * The content of a PUT with what its path names: a document may leave out there what the path says already. What is no
 * object is left as it is, for the schema to refuse.
 */
export function nameContent(content: unknown, identity: Readonly<Record<string, unknown>>): unknown {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return content;
  return { ...identity, ...content };
}

export interface NamedContent {
  readonly pointer: string;
  /** What the content calls itself. */
  readonly found: string;
  /** What the path calls it. */
  readonly wanted: string;
}

/** @throws HeadgateError when path and content name different things: nothing can be renamed */
export function assertSameName({ pointer, found, wanted }: NamedContent): void {
  if (found === wanted) return;
  const fault: Fault = {
    pointer,
    code: 'name_mismatch',
    detail: `"${found}" is not "${wanted}", which the path names`,
    fix: 'leave it out, or create the other one and delete this one',
  };
  throw new HeadgateError('HEADGATE_INVALID', 'Path and content name different things; nothing was changed', {
    faults: [fault],
  });
}
