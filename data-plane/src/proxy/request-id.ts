import { randomBytes } from 'node:crypto';

/** Makes ids that no other process makes. Cheap, and not secret: they can be guessed. */
export type CreateRequestId = () => string;

/** Ids are this process's random prefix and a count. */
export function createRequestIds(prefix: string = randomBytes(9).toString('base64url')): CreateRequestId {
  let count = 0;
  return () => `${prefix}.${(count++).toString(36)}`;
}

const ACCEPTED = /^[\x21-\x7e]{1,128}$/;

/** Whether an id from a trusted proxy can be passed on and logged as it stands. */
export function isRequestId(text: string): boolean {
  return ACCEPTED.test(text);
}
