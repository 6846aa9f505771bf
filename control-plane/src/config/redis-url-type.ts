import type { SettingType } from '@headgate/shared/config/setting-types';
import { parseRedisUrl } from '../sources/redis/redis-address.ts';

/** The URL of a Redis, as it is. What is wrong with one is said without it, because people write passwords there. */
export const redisUrlType: SettingType<string> = {
  placeholder: '<url>',
  unshown: true,
  parse: (text) => {
    const parsed = parseRedisUrl(text);
    return parsed.ok ? { ok: true, value: text } : parsed;
  },
};
