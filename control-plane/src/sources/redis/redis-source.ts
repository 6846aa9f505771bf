import type { DocumentSource, DocumentSourceContext } from '../source.ts';
import { parseRedisUrl } from './redis-address.ts';
import { RedisFollower } from './redis-follower.ts';

export interface RedisSource {
  /** `redis://host:port/database` or `rediss://…`, without credentials. */
  readonly url: string;
  /** The key of a string that is the document. Default `balancer`, as in article 001. */
  readonly key?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Authorities of the server's certificate. Default: those of the system. */
  readonly caPem?: string | undefined;
  /** How often the key is read though no change was heard of. Default 1 s. */
  readonly pollMs?: number | undefined;
  /** Whether to listen for changes on a second connection; heard of only where the server tells of them. Default true. */
  readonly notifications?: boolean | undefined;
}

/**
 * Brings the value of a key of a Redis, again whenever it changes.
 * @throws Error when the URL is not one: settings were checked before
 */
export function createRedisSource(options: RedisSource, context: DocumentSourceContext): DocumentSource {
  const address = parseRedisUrl(options.url);
  if (!address.ok) throw new Error(`the URL ${address.problem}`);
  const { key = 'balancer', pollMs = 1_000, notifications = true, username, password, caPem } = options;
  const place = { address: address.value, username, password, caPem };
  return new RedisFollower({ place, key, pollMs, notifications }, context);
}
