import type { SettingsSpec } from '@headgate/shared/config/setting';
import { pathType } from '@headgate/shared/config/setting-types';
import { redisUrlType } from './redis-url-type.ts';
import { textType } from './text-type.ts';

/** The settings of the places that documents come from. */
export const documentSpec = {
  configFile: {
    name: 'HEADGATE_CONFIG_FILE',
    type: pathType,
    description: 'A routing configuration, JSON or YAML, that is followed: a file, or a directory of such files',
  },
  configRedis: {
    name: 'HEADGATE_CONFIG_REDIS',
    type: redisUrlType,
    description: 'A Redis with a routing configuration that is followed: redis://host:port/database, rediss:// for TLS',
  },
  configRedisKey: {
    name: 'HEADGATE_CONFIG_REDIS_KEY',
    type: textType(512),
    default: 'balancer',
    description: 'The key there whose value is the configuration',
  },
  configRedisUsername: {
    name: 'HEADGATE_CONFIG_REDIS_USERNAME',
    type: textType(512),
    description: 'The user to be there; without it the default one',
  },
  configRedisPassword: {
    name: 'HEADGATE_CONFIG_REDIS_PASSWORD',
    type: textType(4_096),
    secret: true,
    description: "That user's password",
  },
  configRedisCa: {
    name: 'HEADGATE_CONFIG_REDIS_CA',
    type: pathType,
    description: "Authorities of that Redis's certificate, PEM; without it those of the system",
  },
} as const satisfies SettingsSpec;
