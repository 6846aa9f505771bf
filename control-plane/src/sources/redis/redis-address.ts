import { remoteAddressType } from '@headgate/shared/config/setting-types';

/** Where a Redis is, and which of its databases is meant. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly database: number;
}

type ParsedRedisUrl =
  | { readonly ok: true; readonly value: RedisAddress }
  /** Nothing here shows anything of the text, which may hold a password. */
  | { readonly ok: false; readonly problem: string; readonly fix: string };

const DEFAULT_PORT = 6_379;
const URL_PARTS = /^(rediss?):\/\/(\[[^\]]+\]|[^:/?#[\]@]+)(?::(\d{1,5}))?(?:\/(\d{0,5}))?$/;

/** Reads `redis://host:port/database` or `rediss://…` (TLS); port 6379 and database 0 may be left out. */
export function parseRedisUrl(text: string): ParsedRedisUrl {
  if (text.includes('@')) return { ok: false, problem: 'must hold no username and no password', fix: noCredentials };
  const [, scheme, host, port = DEFAULT_PORT, database = ''] = URL_PARTS.exec(text) ?? [];
  const address = host === undefined ? undefined : remoteAddressType.parse(`${host}:${port}`);
  return address?.ok === true
    ? { ok: true, value: { ...address.value, tls: scheme === 'rediss', database: Number(database) } }
    : { ok: false, problem: 'is not the URL of a Redis', fix: example };
}

const noCredentials = 'give them apart, as username and password; the password may come from a file';
const example = 'write redis://host:port/database, or rediss://… for TLS: rediss://redis.example.com:6379/0';
