import { readSettings, type Settings } from './settings.ts';
import { insecureControlPlanes, tlsSourcesOf } from './tls-settings.ts';

type Env = Readonly<Record<string, string>>;

const certificate = { HEADGATE_CONTROL_PLANE_CERT: '/tls/dp.crt', HEADGATE_CONTROL_PLANE_KEY: '/tls/dp.key' };
const far = { HEADGATE_CONTROL_PLANE: '127.0.0.1:1,10.0.0.1:9002,control-plane.example.com:9002,[::1]:2' };

function read(env: Env) {
  return readSettings({ argv: [], env, readFile: () => '', program: 'headgate-data-plane' });
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

describe('the TLS settings of the data plane', () => {
  it('mean plain text by default', () => {
    expect(tlsSourcesOf(settings({}))).toBeUndefined();
  });

  it('mean TLS with the authorities of the system when it is asked for alone', () => {
    expect(tlsSourcesOf(settings({ HEADGATE_CONTROL_PLANE_TLS: 'true' }))).toEqual({});
  });

  it('mean TLS when they name authorities', () => {
    expect(tlsSourcesOf(settings({ HEADGATE_CONTROL_PLANE_CA: '/tls/ca.crt', ...certificate }))).toEqual({
      identity: {
        certificate: { setting: 'HEADGATE_CONTROL_PLANE_CERT', path: '/tls/dp.crt' },
        key: { setting: 'HEADGATE_CONTROL_PLANE_KEY', path: '/tls/dp.key' },
      },
      authorities: { setting: 'HEADGATE_CONTROL_PLANE_CA', path: '/tls/ca.crt' },
    });
  });

  it.each([
    [
      { HEADGATE_CONTROL_PLANE_TLS: 'true', HEADGATE_CONTROL_PLANE_CERT: '/c' },
      ['/controlPlaneKey incomplete_tls_pair'],
    ],
    [{ HEADGATE_CONTROL_PLANE_CA: '/a', HEADGATE_CONTROL_PLANE_KEY: '/k' }, ['/controlPlaneCert incomplete_tls_pair']],
    [certificate, ['/controlPlaneCert tls_is_off']],
    [{ HEADGATE_CONTROL_PLANE_SERVER_NAME: 'cp.example.com' }, ['/controlPlaneServerName tls_is_off']],
    [
      { HEADGATE_CONTROL_PLANE_CA: '/a', HEADGATE_CONTROL_PLANE_SERVER_NAME: '10.0.0.1' },
      ['/controlPlaneServerName invalid_value'],
    ],
  ])('refuse %j', (env, expected) => {
    expect(faults(env as unknown as Env)).toEqual(expected);
  });

  it('refuse plain text to every control plane beyond loopback unless it is wanted', () => {
    const code = '/controlPlane plain_text_beyond_loopback';
    expect(faults(far)).toEqual([code, code]);
    expect(faults({ ...far, HEADGATE_CONTROL_PLANE_TLS: 'true' })).toEqual([]);
    expect(faults({ ...far, HEADGATE_CONTROL_PLANE_CA: '/a' })).toEqual([]);
    expect(faults({ ...far, HEADGATE_INSECURE: 'true' })).toEqual([]);
  });

  it('tell which control planes HEADGATE_INSECURE opens, for the log', () => {
    const insecure = { ...far, HEADGATE_INSECURE: 'true' };
    expect(insecureControlPlanes(settings(insecure))).toEqual(['10.0.0.1:9002', 'control-plane.example.com:9002']);
    expect(insecureControlPlanes(settings({ ...insecure, HEADGATE_CONTROL_PLANE_CA: '/a' }))).toEqual([]);
    expect(insecureControlPlanes(settings({}))).toEqual([]);
  });
});
