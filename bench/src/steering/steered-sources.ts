import { consulSource } from './consul-source.ts';
import { dnsSource } from './dns-source.ts';
import { fileSource } from './file-source.ts';
import { kubernetesSource } from './kubernetes-source.ts';
import { postedSource } from './posted-source.ts';
import { polledRedisSource, redisSource } from './redis-source.ts';
import { registrationSource } from './registration-source.ts';
import type { SteeredSource } from './steered-source.ts';

/** Every source that is measured, in the order of the page. */
export const steeredSources: readonly SteeredSource[] = [
  registrationSource,
  postedSource,
  fileSource,
  redisSource,
  polledRedisSource,
  consulSource,
  dnsSource,
  kubernetesSource,
];
