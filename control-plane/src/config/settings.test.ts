import { readSettings } from './settings.ts';

describe('the settings of the control plane', () => {
  const read = (env: Record<string, string>, argv: string[] = []) =>
    readSettings({ argv, env, readFile: () => 'a-token-from-a-file\n' });

  function values(env: Record<string, string>, argv: string[] = []): Record<string, unknown> {
    const result = read(env, argv);
    if (!result.ok || result.value.kind !== 'settings') throw new Error(JSON.stringify(result));
    return { ...result.value.values };
  }

  function faults(env: Record<string, string>): readonly { pointer: string; code: string }[] {
    const result = read(env);
    return result.ok ? [] : result.faults.map(({ pointer, code }) => ({ pointer, code }));
  }

  it('bind loopback and ask for tokens by default', () => {
    expect(values({})).toEqual({
      apiAddress: { host: '127.0.0.1', port: 9001 },
      grpcAddress: { host: '127.0.0.1', port: 9002 },
      statusAddress: undefined,
      dataDir: './data',
      adminToken: undefined,
      joinToken: undefined,
      auth: 'token',
      insecure: false,
      apiTlsCert: undefined,
      apiTlsKey: undefined,
      apiClientCa: undefined,
      grpcTlsCert: undefined,
      grpcTlsKey: undefined,
      grpcClientCa: undefined,
      initialConfig: undefined,
      registrationBackend: undefined,
      trustedProxies: [],
      configFile: undefined,
      configRedis: undefined,
      configRedisKey: 'balancer',
      configRedisUsername: undefined,
      configRedisPassword: undefined,
      configRedisCa: undefined,
      keptRevisions: 1_000,
      secretsKey: undefined,
      previousSecretsKey: undefined,
      backupDir: undefined,
      backupIntervalMs: 86_400_000,
      keptBackups: 7,
      auditDays: 90,
      badTokensPerMinute: 20,
      forgetDataPlanesMs: 600_000,
      allowedNetworks: [],
      logLevel: 'info',
    });
  });

  it('take tokens from files', () => {
    expect(values({ HEADGATE_ADMIN_TOKEN_FILE: '/run/secrets/admin' })).toMatchObject({
      adminToken: 'a-token-from-a-file',
    });
  });

  it('take no previous key of secrets without a current one', () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    expect(faults({ HEADGATE_SECRETS_KEY_PREVIOUS: key })).toEqual([
      { pointer: '/secretsKeyPrevious', code: 'key_without_successor' },
    ]);
    const both = { HEADGATE_SECRETS_KEY: key, HEADGATE_SECRETS_KEY_PREVIOUS: key };
    expect(values(both)).toMatchObject({ secretsKey: Buffer.alloc(32, 7), previousSecretsKey: Buffer.alloc(32, 7) });
    const short = read({ HEADGATE_SECRETS_KEY: 'c2hvcnQta2V5LW9mLW1pbmU=' });
    expect(short).toMatchObject({ ok: false, faults: [{ pointer: '/secretsKey' }] });
    expect(JSON.stringify(short)).not.toContain('c2hvcnQ');
  });

  it('never show a token that is too short', () => {
    const result = read({ HEADGATE_ADMIN_TOKEN: 'hunter2' });
    expect(result).toMatchObject({ ok: false, faults: [{ pointer: '/adminToken' }] });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  it.each([
    ['HEADGATE_API_ADDRESS', '/apiAddress'],
    ['HEADGATE_GRPC_ADDRESS', '/grpcAddress'],
    ['HEADGATE_STATUS_ADDRESS', '/statusAddress'],
  ])('refuse HEADGATE_AUTH=none when %s is not loopback', (name, pointer) => {
    expect(faults({ HEADGATE_AUTH: 'none', [name]: '0.0.0.0:9' })).toEqual([{ pointer, code: 'open_beyond_loopback' }]);
    expect(faults({ HEADGATE_AUTH: 'none', HEADGATE_INSECURE: 'true', [name]: '[::]:9' })).toHaveLength(1);
    expect(faults({ HEADGATE_AUTH: 'none', [name]: '[::1]:9' })).toEqual([]);
  });

  it('refuse plain text beyond loopback unless it is wanted, except for probes and metrics', () => {
    const env = {
      HEADGATE_API_ADDRESS: '10.0.0.1:9001',
      HEADGATE_GRPC_ADDRESS: '[::]:9002',
      HEADGATE_STATUS_ADDRESS: '0.0.0.0:9',
    };
    const code = 'plain_text_beyond_loopback';
    expect(faults(env)).toEqual([
      { pointer: '/apiAddress', code },
      { pointer: '/grpcAddress', code },
    ]);
    expect(faults({ ...env, HEADGATE_INSECURE: 'true' })).toEqual([]);
  });

  it('are read from flags before the environment', () => {
    expect(values({ HEADGATE_LOG_LEVEL: 'debug' }, ['--log-level', 'warn'])).toMatchObject({ logLevel: 'warn' });
  });
});
