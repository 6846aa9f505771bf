import type { FailureWords } from './operation.ts';
import type { Problem } from './problem.ts';
import type { Reply } from './reply.ts';

/** The reply that carries a problem document, in the words of an older interface where there are some. */
export function inWords(words: FailureWords | undefined, reply: Reply & { readonly body: Problem }): Reply {
  if (words === undefined) return reply;
  return { ...reply, body: words.say(reply.body), contentType: 'application/json' };
}
