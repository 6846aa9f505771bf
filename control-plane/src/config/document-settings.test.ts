import { insecureListeners, readSettings, type Settings } from './settings.ts';

const REMOTE = 'redis.example.com:6380';
const PASSWORD = 'kept-to-itself';

function read(env: Record<string, string>) {
  return readSettings({ argv: [], env, readFile: () => `${PASSWORD}\n` });
}

function settings(env: Record<string, string>): Settings {
  const result = read(env);
  if (!result.ok || result.value.kind !== 'settings') throw new Error(JSON.stringify(result));
  return result.value.values;
}

function faults(env: Record<string, string>): readonly { pointer: string; code: string }[] {
  const result = read(env);
  return result.ok ? [] : result.faults.map(({ pointer, code }) => ({ pointer, code }));
}

describe('the settings of documents', () => {
  it('name a file, a Redis, or both', () => {
    expect(
      settings({
        HEADGATE_CONFIG_FILE: '/etc/headgate',
        HEADGATE_CONFIG_REDIS: `rediss://${REMOTE}/2`,
        HEADGATE_CONFIG_REDIS_KEY: '{edge}:balancer',
        HEADGATE_CONFIG_REDIS_USERNAME: 'reader',
        HEADGATE_CONFIG_REDIS_PASSWORD_FILE: '/run/secrets/redis',
        HEADGATE_CONFIG_REDIS_CA: '/tls/ca.crt',
      }),
    ).toMatchObject({
      configFile: '/etc/headgate',
      configRedis: `rediss://${REMOTE}/2`,
      configRedisKey: '{edge}:balancer',
      configRedisUsername: 'reader',
      configRedisPassword: PASSWORD,
      configRedisCa: '/tls/ca.crt',
    });
  });

  it.each([`redis://user:${PASSWORD}@127.0.0.1`, `redis:/${PASSWORD}`, `redis://127.0.0.1?auth=${PASSWORD}`])(
    'take no URL that is none or holds credentials, and do not show it',
    (url) => {
      const result = read({ HEADGATE_CONFIG_REDIS: url });
      expect(result).toMatchObject({ ok: false, faults: [{ pointer: '/configRedis', code: 'invalid_value' }] });
      expect(JSON.stringify(result)).toContain('the value of HEADGATE_CONFIG_REDIS');
      expect(JSON.stringify(result)).not.toContain(PASSWORD);
    },
  );

  it.each([' ends with a blank ', 'two\nlines', 'x'.repeat(4_097)])(
    'take no password that no server has, and do not show it',
    (password) => {
      const result = read({ HEADGATE_CONFIG_REDIS: 'redis://127.0.0.1', HEADGATE_CONFIG_REDIS_PASSWORD: password });
      expect(result).toMatchObject({ ok: false, faults: [{ pointer: '/configRedisPassword', code: 'invalid_value' }] });
      expect(JSON.stringify(result)).not.toContain(JSON.stringify(password).slice(1, -1));
    },
  );

  it.each([
    ['HEADGATE_CONFIG_REDIS_KEY', 'configRedisKey'],
    ['HEADGATE_CONFIG_REDIS_USERNAME', 'configRedisUsername'],
    ['HEADGATE_CONFIG_REDIS_PASSWORD', 'configRedisPassword'],
    ['HEADGATE_CONFIG_REDIS_CA', 'configRedisCa'],
  ])('take no %s without a Redis', (name, key) => {
    expect(faults({ [name]: 'given' })).toEqual([{ pointer: `/${key}`, code: 'redis_setting_without_url' }]);
  });

  it('take no username without a password', () => {
    const env = { HEADGATE_CONFIG_REDIS: 'redis://localhost', HEADGATE_CONFIG_REDIS_USERNAME: 'reader' };
    expect(faults(env)).toEqual([{ pointer: '/configRedisPassword', code: 'username_without_password' }]);
    expect(faults({ ...env, HEADGATE_CONFIG_REDIS_PASSWORD: 'short' })).toEqual([]);
  });

  it('take no authorities without TLS', () => {
    const env = { HEADGATE_CONFIG_REDIS_CA: '/tls/ca.crt' };
    expect(faults({ ...env, HEADGATE_CONFIG_REDIS: 'redis://[::1]' })).toEqual([
      { pointer: '/configRedisCa', code: 'ca_without_tls' },
    ]);
    expect(faults({ ...env, HEADGATE_CONFIG_REDIS: 'rediss://[::1]' })).toEqual([]);
  });

  it('take no Redis in plain text beyond loopback unless it is wanted, and then it is said', () => {
    const env = { HEADGATE_CONFIG_REDIS: `redis://${REMOTE}` };
    const refused = [{ pointer: '/configRedis', code: 'plain_text_beyond_loopback' }];
    expect(faults(env)).toEqual(refused);
    expect(faults({ ...env, HEADGATE_AUTH: 'none' })).toEqual(refused);
    expect(insecureListeners(settings({ ...env, HEADGATE_INSECURE: 'true' }))).toEqual([
      `HEADGATE_CONFIG_REDIS: ${REMOTE}`,
    ]);
    const secured = { HEADGATE_CONFIG_REDIS: `rediss://${REMOTE}`, HEADGATE_INSECURE: 'true' };
    expect(insecureListeners(settings(secured))).toEqual([]);
  });
});
