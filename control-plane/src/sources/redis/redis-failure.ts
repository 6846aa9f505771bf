import { errorCode } from '@headgate/shared/error-code';
import { ConnectionTimeoutError, ErrorReply, SocketClosedUnexpectedlyError } from 'redis';
import { SourceError } from '../source.ts';
import { describePlace, type RedisPlace } from './redis-place.ts';
import { StrangeAnswerError } from './strange-answer-error.ts';
import { LateError } from './within.ts';

/** What answers begin with, and what that means. */
const answers: readonly (readonly [RegExp, string])[] = [
  [/^NOAUTH /, 'asks for a password'],
  [/^WRONGPASS |^ERR invalid password/, 'does not take this username and password'],
  [/^ERR (AUTH <password> called without|Client sent AUTH)/, 'has no password, and one was given'],
  [/^NOPERM /, 'does not allow this user to do that: read the key with STRLEN and GETRANGE (NOPERM)'],
  [/^WRONGTYPE /, 'holds something else than a string under the key'],
  [/^ERR (DB index is out of range|invalid DB index)/, 'has no such database'],
  [/^LOADING /, 'is still loading its data'],
  [/^MASTERDOWN /, 'is a replica that has lost its master'],
  [/^MOVED /, 'is a node of a cluster, and the key is on another one'],
];

/**
 * What went wrong, for people. Nothing of an answer is shown but its code, and it is no cause either: a server that does
 * not know AUTH repeats its arguments.
 */
export function redisFailure(place: RedisPlace, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const name = describePlace(place);
  if (error instanceof ErrorReply) return new SourceError(`${name} ${meaningOf(error)}`);
  return new SourceError(`${name} ${lossOf(error)}`, { cause: error });
}

function meaningOf({ message }: ErrorReply): string {
  const known = answers.find(([pattern]) => pattern.test(message));
  return known?.[1] ?? `answered with an error (${/^[A-Z]{1,20}\b/.exec(message)?.[0] ?? 'of unknown kind'})`;
}

function lossOf(error: unknown): string {
  if (error instanceof LateError) return `did not answer within ${error.ms / 1_000} s`;
  if (error instanceof ConnectionTimeoutError) return 'did not answer in time';
  if (error instanceof SocketClosedUnexpectedlyError) return 'closed the connection';
  if (isStrange(error)) return 'does not speak as Redis does';
  return `cannot be reached (${errorCode(error)})`;
}

/** What the client cannot take apart has no class of its own. */
function isStrange(error: unknown): boolean {
  return (
    error instanceof StrangeAnswerError || (error instanceof Error && error.message.startsWith('Unknown RESP type'))
  );
}
