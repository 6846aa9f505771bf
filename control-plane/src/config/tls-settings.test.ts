import { insecureListeners, readSettings, type Settings } from './settings.ts';
import { tlsSourcesOf } from './tls-settings.ts';

type Env = Readonly<Record<string, string>>;

const api = { HEADGATE_API_TLS_CERT: '/tls/api.crt', HEADGATE_API_TLS_KEY: '/tls/api.key' };
const grpc = { HEADGATE_GRPC_TLS_CERT: '/tls/grpc.crt', HEADGATE_GRPC_TLS_KEY: '/tls/grpc.key' };
const everywhere = { HEADGATE_API_ADDRESS: '0.0.0.0:9001', HEADGATE_GRPC_ADDRESS: '0.0.0.0:9002' };

function read(env: Env) {
  return readSettings({ argv: [], env, readFile: () => '' });
}

function settings(env: Env): Settings {
  const result = read(env);
  if (!result.ok || result.value.kind !== 'settings') throw new Error(JSON.stringify(result));
  return result.value.values;
}

function faults(env: Env): readonly string[] {
  const result = read(env);
  return result.ok ? [] : result.faults.map(({ pointer, code }) => `${pointer} ${code}`);
}

describe('the TLS settings of the control plane', () => {
  it('name no files by default', () => {
    expect(tlsSourcesOf(settings({}), 'api')).toBeUndefined();
    expect(tlsSourcesOf(settings({}), 'grpc')).toBeUndefined();
  });

  it('name the files of each listener, and the settings that messages blame', () => {
    const both = settings({ ...api, ...grpc, HEADGATE_GRPC_CLIENT_CA: '/tls/ca.crt' });
    expect(tlsSourcesOf(both, 'api')).toEqual({
      identity: {
        certificate: { setting: 'HEADGATE_API_TLS_CERT', path: '/tls/api.crt' },
        key: { setting: 'HEADGATE_API_TLS_KEY', path: '/tls/api.key' },
      },
      authorities: undefined,
    });
    expect(tlsSourcesOf(both, 'grpc')).toMatchObject({
      identity: { certificate: { path: '/tls/grpc.crt' }, key: { path: '/tls/grpc.key' } },
      authorities: { setting: 'HEADGATE_GRPC_CLIENT_CA', path: '/tls/ca.crt' },
    });
  });

  it.each([
    [{ HEADGATE_API_TLS_CERT: '/c' }, '/apiTlsKey incomplete_tls_pair'],
    [{ HEADGATE_API_TLS_KEY: '/k' }, '/apiTlsCert incomplete_tls_pair'],
    [{ HEADGATE_GRPC_TLS_CERT: '/c' }, '/grpcTlsKey incomplete_tls_pair'],
    [{ HEADGATE_GRPC_TLS_KEY: '/k', HEADGATE_GRPC_CLIENT_CA: '/a' }, '/grpcTlsCert incomplete_tls_pair'],
    [{ HEADGATE_API_CLIENT_CA: '/a' }, '/apiClientCa client_ca_without_tls'],
    [{ ...api, HEADGATE_GRPC_CLIENT_CA: '/a' }, '/grpcClientCa client_ca_without_tls'],
  ])('refuse %j', (env, fault) => {
    expect(faults(env)).toEqual([fault]);
  });

  it('let a listener with a certificate be anywhere without HEADGATE_INSECURE, and no other', () => {
    const code = 'plain_text_beyond_loopback';
    expect(faults({ ...everywhere, ...api, ...grpc })).toEqual([]);
    expect(faults({ ...everywhere, ...api })).toEqual([`/grpcAddress ${code}`]);
    expect(faults({ ...everywhere, ...grpc })).toEqual([`/apiAddress ${code}`]);
  });

  it('do not make HEADGATE_AUTH=none safe beyond loopback', () => {
    expect(faults({ ...everywhere, ...api, ...grpc, HEADGATE_AUTH: 'none' })).toEqual([
      '/apiAddress open_beyond_loopback',
      '/grpcAddress open_beyond_loopback',
    ]);
  });

  it('tell which listeners HEADGATE_INSECURE opens, for the log', () => {
    const insecure = { ...everywhere, HEADGATE_INSECURE: 'true' };
    expect(insecureListeners(settings(insecure))).toEqual([
      'HEADGATE_API_ADDRESS: 0.0.0.0:9001',
      'HEADGATE_GRPC_ADDRESS: 0.0.0.0:9002',
    ]);
    expect(insecureListeners(settings({ ...insecure, ...api }))).toEqual(['HEADGATE_GRPC_ADDRESS: 0.0.0.0:9002']);
    expect(insecureListeners(settings({ HEADGATE_INSECURE: 'true' }))).toEqual([]);
  });
});
