import { readFile } from 'node:fs/promises';
import { HeadgateError } from '@headgate/shared/error';
import { fileKeyOf } from '@headgate/shared/config/setting';
import { settingsSpec } from '../config/settings-spec.ts';
import type { Settings } from '../config/settings.ts';
import { errorCode } from '@headgate/shared/error-code';
import { createFileSource } from './file/file-source.ts';
import { createRedisSource } from './redis/redis-source.ts';
import type { SourcesOptions } from './sources.ts';

/**
 * Where the settings say that document layers come from.
 *
 * @throws HeadgateError HEADGATE_INVALID when the authority of Redis cannot be read
 */
export async function layerSources(settings: Settings): Promise<SourcesOptions['layers']> {
  const { configFile: path, configRedis: url } = settings;
  const caPem = url === undefined ? undefined : await readCa(settings.configRedisCa);
  return {
    ...(path === undefined ? {} : { file: (context) => createFileSource({ path }, context) }),
    ...(url === undefined
      ? {}
      : {
          redis: (context) =>
            createRedisSource(
              {
                url,
                caPem,
                key: settings.configRedisKey,
                username: settings.configRedisUsername,
                password: settings.configRedisPassword,
              },
              context,
            ),
        }),
  };
}

async function readCa(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { name } = settingsSpec.configRedisCa;
    const fault = {
      pointer: `/${fileKeyOf(name)}`,
      code: 'unreadable_file',
      detail: `${name}: the file cannot be read (${errorCode(error)})`,
      fix: 'name a PEM file that this process may read',
    };
    throw new HeadgateError('HEADGATE_INVALID', `${name} cannot be used`, { faults: [fault], cause: error });
  }
}
