import { isLoopbackAddress } from '@headgate/shared/config/loopback';
import { fileKeyOf, type SettingValues } from '@headgate/shared/config/setting';
import { formatSocketAddress, type SocketAddress } from '@headgate/shared/config/setting-types';
import type { Fault } from '@headgate/shared/model/fault';
import { parseRedisUrl, type RedisAddress } from '../sources/redis/redis-address.ts';
import { documentSpec } from './document-spec.ts';

type DocumentSettings = SettingValues<typeof documentSpec>;

const names = {
  url: documentSpec.configRedis.name,
  key: documentSpec.configRedisKey.name,
  username: documentSpec.configRedisUsername.name,
  password: documentSpec.configRedisPassword.name,
  ca: documentSpec.configRedisCa.name,
} as const;

/** What does not fit together about the places that documents come from. */
export function documentFaults(settings: DocumentSettings & { readonly insecure: boolean }): readonly Fault[] {
  const address = redisOf(settings);
  if (address === undefined) return detailsOf(settings).map(withoutRedis);
  const { configRedisUsername: username, configRedisPassword: password, configRedisCa: ca } = settings;
  const plain = settings.insecure ? undefined : plainTextRedis(settings);
  return [
    ...(username !== undefined && password === undefined ? [withoutPassword] : []),
    ...(ca !== undefined && !address.tls ? [withoutTls] : []),
    ...(plain === undefined ? [] : [inPlainText(plain)]),
  ];
}

/** The Redis whose answers, and the password, would cross a network in plain text. */
export function plainTextRedis(
  settings: DocumentSettings,
): { readonly name: string; readonly address: SocketAddress } | undefined {
  const address = redisOf(settings);
  return address === undefined || address.tls || isLoopbackAddress(address.host)
    ? undefined
    : { name: names.url, address };
}

function redisOf({ configRedis }: DocumentSettings): RedisAddress | undefined {
  const parsed = configRedis === undefined ? undefined : parseRedisUrl(configRedis);
  return parsed?.ok === true ? parsed.value : undefined;
}

/** The settings that are about a Redis and are given. */
function detailsOf(settings: DocumentSettings): readonly string[] {
  return [
    ...(settings.configRedisKey === documentSpec.configRedisKey.default ? [] : [names.key]),
    ...(settings.configRedisUsername === undefined ? [] : [names.username]),
    ...(settings.configRedisPassword === undefined ? [] : [names.password]),
    ...(settings.configRedisCa === undefined ? [] : [names.ca]),
  ];
}

function withoutRedis(name: string): Fault {
  return {
    pointer: `/${fileKeyOf(name)}`,
    code: 'redis_setting_without_url',
    detail: `${name} is given, and ${names.url} is not`,
    fix: `give ${names.url} too, or leave ${name} out`,
  };
}

const withoutPassword: Fault = {
  pointer: `/${fileKeyOf(names.password)}`,
  code: 'username_without_password',
  detail: `${names.username} is given, and ${names.password} is not`,
  fix: `give ${names.password} too, or leave ${names.username} out`,
};

const withoutTls: Fault = {
  pointer: `/${fileKeyOf(names.ca)}`,
  code: 'ca_without_tls',
  detail: `${names.ca} is given, and ${names.url} is plain text, without a certificate`,
  fix: `write rediss:// in ${names.url}, or leave ${names.ca} out`,
};

function inPlainText({ name, address }: { readonly name: string; readonly address: SocketAddress }): Fault {
  return {
    pointer: `/${fileKeyOf(name)}`,
    code: 'plain_text_beyond_loopback',
    detail: `${name}: ${formatSocketAddress(address)} is not a loopback address, and what is read there, after the password, is plain text`,
    fix: 'use rediss://, or HEADGATE_INSECURE=true where the network itself is trusted',
  };
}
