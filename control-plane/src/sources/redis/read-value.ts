import { echoText } from '@headgate/shared/model/echo-value';
import { ErrorReply } from 'redis';
import { decodeText } from '../decode-text.ts';
import { SourceError, type SourceText } from '../source.ts';
import type { RedisConnection } from './redis-connection.ts';
import { redisFailure } from './redis-failure.ts';
import type { RedisPlace } from './redis-place.ts';

const MAX_BYTES = 16_777_216;
const MAX_KEY = 100;

/**
 * The value of the key. Its size is asked for first, and no more than may be is read: it may have grown since.
 * @throws SourceError when the server answers and what it has is no document; anything else when it does not answer
 */
export async function readValue(connection: RedisConnection, place: RedisPlace, key: string): Promise<SourceText> {
  const bytes = await readBytes(connection, key).catch((error: unknown) => {
    throw error instanceof ErrorReply ? redisFailure(place, error) : error;
  });
  const name = `redis key ${echoText(key, MAX_KEY)}`;
  if (bytes === 'too large') throw new SourceError(`${name} has more than ${MAX_BYTES} bytes`);
  if (bytes.length === 0) throw new SourceError(`${name} does not exist, or is empty`);
  const text = decodeText(bytes);
  if (text === undefined) throw new SourceError(`${name} is not UTF-8 text`);
  return { name, text };
}

async function readBytes(connection: RedisConnection, key: string): Promise<Buffer | 'too large'> {
  if ((await connection.lengthOf(key)) > MAX_BYTES) return 'too large';
  const bytes = await connection.firstBytesOf(key, MAX_BYTES + 1);
  return bytes.length > MAX_BYTES ? 'too large' : bytes;
}
