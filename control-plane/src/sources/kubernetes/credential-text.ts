import { SourceError } from '../source.ts';

/** What a header may carry. */
const TOKEN = /^[\x21-\x7e]{1,65536}$/;
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The token without the blanks around it. No message shows anything of it.
 * @throws SourceError
 */
export function checkedToken(text: string, place: string): string {
  const token = text.trim();
  if (!TOKEN.test(token)) throw new SourceError(`${place} holds no token that a request can carry`);
  return token;
}

/** @throws SourceError */
export function checkedNamespace(text: string, place: string): string {
  const namespace = text.trim();
  if (!NAMESPACE.test(namespace)) throw new SourceError(`${place} holds no name of a namespace`);
  return namespace;
}
