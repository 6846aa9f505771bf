import { createSecureContext } from 'node:tls';
import { testPem } from '@headgate/shared/tls/testdata/tls-directory';
import { SourceError } from '../source.ts';
import type { ClusterAccess } from './cluster.ts';
import { kubeconfigCluster } from './kubeconfig-cluster.ts';
import { ScriptedApi } from './scripted-api.cases.ts';
import { sendGet } from './send-get.ts';

const ca = testPem('servers-ca.crt');

interface Parts {
  readonly cluster?: object;
  readonly user?: object | null;
  readonly context?: object;
  readonly rest?: object;
}

function kubeconfig({ cluster, user = { token: 'kept-to-itself' }, context, rest }: Parts = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    preferences: {},
    'current-context': 'here',
    contexts: [
      { name: 'here', context: { cluster: 'c', user: 'u', ...context } },
      { name: 'there', context: { cluster: 'other', user: 'u', namespace: 'shop' } },
    ],
    clusters: [
      { name: 'c', cluster: { server: 'https://10.0.0.1:6443', 'certificate-authority-data': base64(ca), ...cluster } },
      { name: 'other', cluster: { server: 'https://kept-to-itself.example.com/k8s/clusters/c-1/' } },
    ],
    users: [{ name: 'u', user }],
    ...rest,
  });
}

function base64(bytes: Buffer | string): string {
  return Buffer.from(bytes).toString('base64');
}

function access(text: string, context = ''): Promise<ClusterAccess> {
  return kubeconfigCluster({ kubeconfig: 'prod', context, secret: async () => Buffer.from(text) }).access();
}

async function refusal(text: string, context = ''): Promise<string> {
  const error: unknown = await access(text, context).catch((reason: unknown) => reason);
  if (!(error instanceof SourceError)) throw new Error('it was not refused');
  expect(error.cause).toBeUndefined();
  expect(error.message).not.toContain('kept-to-itself');
  return error.message;
}

describe('a kubeconfig', () => {
  it('leads to the cluster of its current context', async () => {
    expect(await access(kubeconfig())).toEqual({
      host: '10.0.0.1',
      port: 6443,
      servername: undefined,
      basePath: '',
      identity: { ca },
      token: 'kept-to-itself',
      namespace: 'default',
    });
  });

  it('leads to the cluster of a context that is named', async () => {
    expect(await access(kubeconfig(), 'there')).toMatchObject({
      host: 'kept-to-itself.example.com',
      port: 443,
      basePath: '/k8s/clusters/c-1',
      identity: {},
      namespace: 'shop',
    });
  });

  it('is YAML', async () => {
    const text = [
      'apiVersion: v1',
      'current-context: here',
      'contexts: [{ name: here, context: { cluster: c } }]',
      'clusters:',
      '- name: c',
      '  cluster: { server: "https://[fd00::1]:6443", tls-server-name: api.example.com, insecure-skip-tls-verify: false }',
      'users: null',
    ].join('\n');
    expect(await access(text)).toMatchObject({ host: 'fd00::1', servername: 'api.example.com', token: undefined });
  });

  it('may show a client certificate', async () => {
    const api = await ScriptedApi.start();
    const user = {
      'client-certificate-data': base64(testPem('client-one.crt')),
      'client-key-data': base64(testPem('client-one.key')),
    };
    const text = kubeconfig({ user, cluster: { server: `https://localhost:${api.port}/base` } });
    const answered = sendGet(await access(text), '/path', new AbortController().signal);
    const asked = await api.next('list');
    asked.end();
    (await answered).resume();
    expect([asked.url.pathname, asked.client, asked.token]).toEqual(['/base/path', 'client-one', undefined]);
    await api.close();
  });

  it.each<[string, string]>([
    ['kept-to-itself: [', 'is no kubeconfig: it is no valid YAML'],
    ['', 'is no kubeconfig: it is no valid YAML'],
    ['kept-to-itself', 'is no kubeconfig: it needs lists of contexts, clusters and users'],
    [
      kubeconfig({ rest: { clusters: 'kept-to-itself' } }),
      'is no kubeconfig: it needs lists of contexts, clusters and users',
    ],
    [
      kubeconfig({ rest: { 'current-context': '' } }),
      'has no context that is its current-context: name one as "context"',
    ],
    [kubeconfig({ context: { cluster: 'kept-to-itself' } }), 'lacks the cluster of its context'],
    [kubeconfig({ context: { user: 'kept-to-itself' } }), 'lacks the user of its context'],
    [kubeconfig({ cluster: { server: 'http://kept-to-itself' } }), 'has a server that is not https://host:port'],
    [kubeconfig({ cluster: { server: 'https://a:kept-to-itself@b' } }), 'has a server that is not https://host:port'],
    [kubeconfig({ cluster: { server: 'kept-to-itself' } }), 'has a server that is not https://host:port'],
    [kubeconfig({ cluster: { server: null } }), 'has a server that is not https://host:port'],
    [
      kubeconfig({ cluster: { 'certificate-authority-data': base64('kept-to-itself') } }),
      'has a certificate-authority-data that holds no certificates',
    ],
    [
      kubeconfig({ user: { 'client-key-data': base64('kept-to-itself') } }),
      'needs client-certificate-data and client-key-data together',
    ],
    [
      kubeconfig({
        user: {
          'client-certificate-data': base64(testPem('client-one.crt')),
          'client-key-data': base64(testPem('client-two.key')),
        },
      }),
      'has a client-certificate-data and client-key-data that do not work together',
    ],
  ])('is refused: %.60s', async (text, reason) => {
    expect(await refusal(text)).toBe(`the secret prod ${reason}`);
  });

  it('is refused when it has no context of that name', async () => {
    expect(await refusal(kubeconfig(), 'elsewhere')).toBe('the secret prod has no context elsewhere');
  });

  it.each<[Parts, string]>([
    [{ cluster: { 'certificate-authority': '/kept-to-itself' } }, 'certificate-authority'],
    [{ cluster: { 'insecure-skip-tls-verify': true } }, 'insecure-skip-tls-verify'],
    [{ cluster: { 'proxy-url': 'http://kept-to-itself' } }, 'proxy-url'],
    [{ user: { tokenFile: '/kept-to-itself' } }, 'tokenFile'],
    [{ user: { 'client-certificate': '/kept-to-itself' } }, 'client-certificate'],
    [{ user: { 'client-key': '/kept-to-itself' } }, 'client-key'],
    [{ user: { exec: { command: 'kept-to-itself' } } }, 'exec'],
    [{ user: { 'auth-provider': { name: 'kept-to-itself' } } }, 'auth-provider'],
    [{ user: { username: 'kept-to-itself', password: 'kept-to-itself' } }, 'username'],
    [{ user: { as: 'kept-to-itself' } }, 'as'],
    [{ user: { 'as-groups': ['kept-to-itself'] } }, 'as-groups'],
  ])('is refused for what it cannot do by itself: %j', async (parts, field) => {
    expect(await refusal(kubeconfig(parts))).toContain(`the secret prod has ${field}, which `);
  });

  it.each([
    [{ user: { token: 'kept-to-itself\nX: y' } }, 'the secret prod holds no token that a request can carry'],
    [{ context: { namespace: 'kept-to-itself/..' } }, 'the secret prod holds no name of a namespace'],
  ])('is refused for what would change the request: %j', async (parts, reason) => {
    expect(await refusal(kubeconfig(parts))).toBe(reason);
  });

  it('is not asked for its user when the context has none', async () => {
    expect(await access(kubeconfig({ context: { user: null } }))).toMatchObject({ token: undefined });
    expect(await access(kubeconfig({ user: null }))).toMatchObject({ token: undefined });
  });

  it('gives what TLS takes', async () => {
    const { identity } = await access(kubeconfig());
    expect(() => createSecureContext(identity)).not.toThrow();
  });
});
