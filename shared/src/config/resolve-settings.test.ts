import { resolveSettings, type SettingSources } from './resolve-settings.ts';
import type { SettingsSpec } from './setting.ts';
import {
  booleanType,
  integerType,
  labelsType,
  listenAddressType,
  listType,
  orOff,
  pathType,
  remoteAddressType,
  secretType,
} from './setting-types.ts';

const spec = {
  apiAddress: {
    name: 'HEADGATE_API_ADDRESS',
    type: listenAddressType,
    default: '127.0.0.1:9001',
    description: 'Where the API listens',
  },
  statusAddress: {
    name: 'HEADGATE_STATUS_ADDRESS',
    type: orOff(listenAddressType),
    default: 'off',
    description: 'Plain probes and metrics',
  },
  controlPlane: {
    name: 'HEADGATE_CONTROL_PLANE',
    type: listType(remoteAddressType),
    default: '127.0.0.1:9002',
    description: 'Whom to connect to',
  },
  labels: { name: 'HEADGATE_LABELS', type: labelsType, default: '', description: 'Labels of this process' },
  threads: { name: 'HEADGATE_THREADS', type: integerType(1, 64), default: '1', description: 'Threads' },
  accessLog: { name: 'HEADGATE_ACCESS_LOG', type: booleanType, default: 'true', description: 'Log every request' },
  initialConfig: { name: 'HEADGATE_INITIAL_CONFIG', type: pathType, description: 'A configuration to begin with' },
  joinToken: { name: 'HEADGATE_JOIN_TOKEN', type: secretType, secret: true, description: 'Token of data planes' },
} satisfies SettingsSpec;

const TOKEN = 'join-token-0123456789';

interface Given {
  readonly argv?: readonly string[];
  readonly env?: SettingSources['env'];
  readonly files?: Readonly<Record<string, string>>;
}

function resolve({ argv = [], env = {}, files = {} }: Given) {
  const readFile = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return text;
  };
  return resolveSettings(spec, { argv, env, readFile, program: 'headgate-test' });
}

function valuesOf(given: Given) {
  const resolved = resolve(given);
  if (!resolved.ok || resolved.value.kind !== 'settings') throw new Error(JSON.stringify(resolved));
  return resolved.value.values;
}

function faultsOf(given: Given) {
  const resolved = resolve(given);
  return resolved.ok ? [] : resolved.faults;
}

function codesOf(given: Given): string[] {
  return faultsOf(given).map(({ code, pointer }) => `${code} ${pointer}`);
}

describe('resolveSettings', () => {
  it('has defaults, and nothing where there is none', () => {
    expect(valuesOf({})).toEqual({
      apiAddress: { host: '127.0.0.1', port: 9_001 },
      statusAddress: undefined,
      controlPlane: [{ host: '127.0.0.1', port: 9_002 }],
      labels: {},
      threads: 1,
      accessLog: true,
      initialConfig: undefined,
      joinToken: undefined,
    });
  });

  it('knows the types of its values', () => {
    const values = valuesOf({});
    const port: number = values.apiAddress.port;
    const path: string | undefined = values.initialConfig;
    const log: boolean = values.accessLog;
    expect([port, path, log]).toEqual([9_001, undefined, true]);
  });

  it('takes the flag before the environment before the file before the default', () => {
    const files = { 's.yaml': 'threads: 2\naccessLog: false\ninitialConfig: from-file' };
    const env = { HEADGATE_SETTINGS: 's.yaml', HEADGATE_THREADS: '3', HEADGATE_INITIAL_CONFIG: 'from-env' };
    expect(valuesOf({ argv: ['--threads', '4'], env, files })).toMatchObject({
      threads: 4,
      initialConfig: 'from-env',
      accessLog: false,
      apiAddress: { port: 9_001 },
    });
    expect(valuesOf({ env, files }).threads).toBe(3);
    expect(valuesOf({ env: { HEADGATE_SETTINGS: 's.yaml' }, files }).threads).toBe(2);
  });

  it('takes an empty variable for one that is not set', () => {
    expect(valuesOf({ env: { HEADGATE_THREADS: '', HEADGATE_JOIN_TOKEN: '', HEADGATE_SETTINGS: '' } })).toMatchObject({
      threads: 1,
    });
  });

  describe('flags', () => {
    it('have their value beside them or behind =', () => {
      const argv = ['--threads=2', '--api-address', '[::1]:0', '--initial-config=--odd=name'];
      expect(valuesOf({ argv })).toMatchObject({
        threads: 2,
        apiAddress: { host: '::1', port: 0 },
        initialConfig: '--odd=name',
      });
    });

    it('may stand alone or be negated when they are boolean', () => {
      expect(valuesOf({ argv: ['--access-log', '--threads', '2'] })).toMatchObject({ accessLog: true, threads: 2 });
      expect(valuesOf({ argv: ['--no-access-log', '--threads', '2'] })).toMatchObject({ accessLog: false, threads: 2 });
      expect(valuesOf({ argv: ['--access-log', 'false'] }).accessLog).toBe(false);
      expect(codesOf({ argv: ['--no-access-log=true'] })).toEqual(['invalid_value /accessLog']);
      expect(codesOf({ argv: ['--no-threads'] })).toEqual(['unknown_setting ']);
    });

    it('that are unknown, repeated, incomplete or no flags are faults', () => {
      expect(faultsOf({ argv: ['--api-adress', 'x'] })).toEqual([
        expect.objectContaining({
          code: 'unknown_setting',
          detail: '--api-adress is not a flag of this process',
          fix: 'did you mean --api-address?',
        }),
      ]);
      expect(codesOf({ argv: ['--threads', '1', '--threads=1'] })).toEqual(['duplicate_setting /threads']);
      expect(codesOf({ argv: ['--threads'] })).toEqual(['required /threads']);
      expect(codesOf({ argv: ['--threads', '--access-log'] })).toEqual(['required /threads']);
      expect(codesOf({ argv: ['--threads='] })).toEqual(['invalid_value /threads']);
      expect(codesOf({ argv: ['serve'] })).toEqual(['unexpected_argument ']);
      expect(codesOf({ argv: ['--'] })).toEqual(['unknown_setting ']);
    });
  });

  it('reports all faults of all sources at once', () => {
    const given = {
      argv: ['--threads', '0', '--nonsense'],
      env: { HEADGATE_API_ADDRESS: '0x7f.1:80', HEADGATE_SETTINGS: 's.yaml', HEADGATE_JOIN_TOKEN: 'short' },
      files: { 's.yaml': 'accessLog: perhaps\ncolour: red' },
    };
    expect(codesOf(given)).toEqual([
      'unknown_setting ',
      'unknown_setting /colour',
      'invalid_value /apiAddress',
      'invalid_value /threads',
      'invalid_value /accessLog',
      'invalid_value /joinToken',
    ]);
    expect(faultsOf(given)[2]).toMatchObject({
      detail: 'HEADGATE_API_ADDRESS: "0x7f.1:80" is not an address to listen on',
      fix: 'write an IP address or localhost, and a port: 127.0.0.1:9001, [::1]:9001',
    });
    expect(faultsOf(given)[4]?.detail).toBe('accessLog in the settings file: "perhaps" is not a boolean');
  });

  it('warns of variables that look like settings and are none', () => {
    const resolved = resolve({
      env: { HEADGATE_API_ADRESS: 'x', HEADGATE_COLOUR: 'red', PATH: '/bin', HEADGATE_THREADS_FILE: 'x' },
    });
    expect(resolved.ok && resolved.value.kind === 'settings' && resolved.value.warnings).toEqual([
      'HEADGATE_API_ADRESS is not a setting of this process: did you mean HEADGATE_API_ADDRESS?',
      'HEADGATE_COLOUR is not a setting of this process: it is ignored',
      'HEADGATE_THREADS_FILE is not a setting of this process: it is ignored',
    ]);
  });

  describe('the settings file', () => {
    const withFile = (text: string): Given => ({ argv: ['--settings', 's.yaml'], files: { 's.yaml': text } });

    it('may write lists as lists, labels as objects and all as text', () => {
      const text = 'controlPlane: [a:1, b:2]\nlabels: { zone: eu, rack: 12 }\nthreads: "8"\nstatusAddress: off\n';
      expect(valuesOf(withFile(text))).toMatchObject({
        controlPlane: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
        labels: { zone: 'eu', rack: '12' },
        threads: 8,
        statusAddress: undefined,
      });
    });

    it('may be JSON, or hold nothing but comments', () => {
      expect(valuesOf(withFile('{"threads": 3}')).threads).toBe(3);
      expect(valuesOf(withFile('# nothing yet\n')).threads).toBe(1);
    });

    it('may be named by the environment, and the flag wins', () => {
      const files = { 'a.yaml': 'threads: 2', 'b.yaml': 'threads: 3' };
      expect(valuesOf({ env: { HEADGATE_SETTINGS: 'a.yaml' }, files }).threads).toBe(2);
      expect(valuesOf({ argv: ['--settings=b.yaml'], env: { HEADGATE_SETTINGS: 'a.yaml' }, files }).threads).toBe(3);
    });

    it('refuses what it cannot take', () => {
      expect(codesOf({ argv: ['--settings', 'gone.yaml'] })).toEqual(['unreadable_file /settings']);
      expect(codesOf(withFile('threads: 1\nthreads: 2'))).toEqual(['duplicate_key /threads']);
      expect(codesOf(withFile('- threads'))).toEqual(['wrong_type ']);
      expect(codesOf(withFile('threads: 1: 2'))).toEqual(['bad_syntax ']);
      expect(codesOf(withFile('threads:'))).toEqual(['wrong_type /threads']);
      expect(codesOf(withFile('controlPlane: [[a:1]]'))).toEqual(['wrong_type /controlPlane']);
      expect(codesOf(withFile('labels: { a: { b: c } }'))).toEqual(['wrong_type /labels']);
      expect(codesOf(withFile('settings: other.yaml'))).toEqual(['unknown_setting /settings']);
      expect(codesOf(withFile('constructor: 1\n__proto__: 1'))).toEqual(['forbidden_key /__proto__']);
      expect(codesOf(withFile('constructor: 1'))).toEqual(['unknown_setting /constructor']);
      expect(faultsOf(withFile('api-address: 127.0.0.1:1'))[0]?.fix).toBe('did you mean apiAddress?');
    });
  });

  describe('secrets', () => {
    const files = {
      token: `\n${TOKEN}\n`,
      's.yaml': `joinToken: ${TOKEN}`,
      'f.yaml': 'joinTokenFile: token',
      empty: '\n',
    };

    it('come from a value or from a file, trimmed, in any source', () => {
      for (const given of [
        { argv: ['--join-token', TOKEN] },
        { argv: ['--join-token-file', 'token'] },
        { env: { HEADGATE_JOIN_TOKEN: TOKEN } },
        { env: { HEADGATE_JOIN_TOKEN_FILE: 'token' } },
        { argv: ['--settings', 's.yaml'] },
        { argv: ['--settings', 'f.yaml'] },
      ]) {
        expect(valuesOf({ ...given, files }).joinToken).toBe(TOKEN);
      }
    });

    it('are a fault when a source gives both, and the stronger source wins otherwise', () => {
      const env = { HEADGATE_JOIN_TOKEN: TOKEN, HEADGATE_JOIN_TOKEN_FILE: 'token' };
      expect(codesOf({ env, files })).toEqual(['duplicate_setting /joinToken']);
      expect(codesOf({ argv: ['--join-token', TOKEN, '--join-token-file', 'token'], files })).toEqual([
        'duplicate_setting /joinToken',
      ]);
      const other = 'another-token-0123456789';
      expect(
        valuesOf({ argv: ['--join-token', other], env: { HEADGATE_JOIN_TOKEN_FILE: 'token' }, files }).joinToken,
      ).toBe(other);
    });

    it('are a fault when their file cannot be read or holds none', () => {
      expect(faultsOf({ env: { HEADGATE_JOIN_TOKEN_FILE: 'gone' }, files })).toEqual([
        {
          pointer: '/joinTokenFile',
          code: 'unreadable_file',
          detail: 'HEADGATE_JOIN_TOKEN_FILE: the file "gone" cannot be read (ENOENT)',
          fix: 'name a file that this process may read',
        },
      ]);
      expect(codesOf({ env: { HEADGATE_JOIN_TOKEN_FILE: 'empty' }, files })).toEqual(['invalid_value /joinToken']);
    });

    it('have no file unless they are secret', () => {
      expect(codesOf({ argv: ['--threads-file', 'x'] })).toEqual(['unknown_setting ']);
    });

    it('appear in no fault and no warning, however they are given wrongly', () => {
      const secret = 'Hidden value!';
      for (const given of [
        { argv: ['--join-token', secret] },
        { argv: [`--join-token=${secret}`] },
        { argv: [`--join-tokn=${secret}`] },
        { argv: ['--join-tokn', secret] },
        { argv: [secret] },
        { argv: ['--access-log', 'true', secret] },
        { argv: ['--join-token', `--${secret}`] },
        { env: { HEADGATE_JOIN_TOKEN: secret } },
        { env: { HEADGATE_JOIN_TOKN: secret, HEADGATE_THREADS: '0' } },
        { env: { HEADGATE_JOIN_TOKEN_FILE: 'x' }, files: { x: secret } },
        { argv: ['--settings=x'], files: { x: `joinToken: ${secret}` } },
        { argv: ['--settings=x'], files: { x: `joinTokn: ${secret}` } },
        { argv: ['--settings=x'], files: { x: `joinToken: !${secret}` } },
        { argv: ['--settings=x'], files: { x: `joinToken: *${secret}` } },
        { argv: ['--settings=x'], files: { x: `joinToken: "${secret}` } },
        { argv: ['--settings=x'], files: { x: `joinToken: | ${secret}` } },
      ]) {
        const resolved = resolve(given);
        expect(resolved.ok).toBe(false);
        expect(JSON.stringify(resolved)).not.toContain('Hidden');
      }
    });
  });

  it('prints every flag with its variable, default and meaning on --help, whatever else is wrong', () => {
    const resolved = resolve({ argv: ['--nonsense', '--help'], env: { HEADGATE_THREADS: 'x' } });
    if (!resolved.ok || resolved.value.kind !== 'help') throw new Error('no help');
    const { text } = resolved.value;
    expect(text).toContain('Usage: headgate-test');
    expect(text).toContain(
      '  --api-address <host:port>\n      Where the API listens (default 127.0.0.1:9001). HEADGATE_API_ADDRESS',
    );
    expect(text).toContain('  --join-token-file <path>\n');
    expect(text).toContain('HEADGATE_JOIN_TOKEN_FILE');
    expect(text).toContain('--settings <path>');
    for (const { name } of Object.values(spec)) expect(text).toContain(name);
  });

  it('answers --version', () => {
    expect(resolve({ argv: ['--version'] })).toEqual({ ok: true, value: { kind: 'version' } });
  });
});
