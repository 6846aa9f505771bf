import { oneHost } from '../peers/headgate-site.ts';
import { RedisServer } from '../peers/redis-server.ts';
import type { Endpoint } from '../peers/endpoint.ts';
import type { SteeredSource } from './steered-source.ts';

const KEY = 'balancer';

export const redisSource = redisWith('Redis, with keyspace notifications', 'KA');
/** It is asked every second. */
export const polledRedisSource = redisWith('Redis, without', '');

function redisWith(name: string, events: string): SteeredSource {
  return {
    name,
    open: async (first) => {
      const redis = await RedisServer.start(events);
      if (typeof redis === 'string') return redis;
      const write = (to: Endpoint): Promise<void> => redis.set(KEY, JSON.stringify(oneHost([to])));
      return {
        env: { HEADGATE_CONFIG_REDIS: `redis://127.0.0.1:${redis.port}`, HEADGATE_CONFIG_REDIS_KEY: KEY },
        begin: () => write(first),
        point: write,
        stop: () => redis.stop(),
      };
    },
  };
}
