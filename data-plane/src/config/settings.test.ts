import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { flagOf, type Setting } from '@headgate/shared/config/setting';
import { settingsSpec } from './settings-spec.ts';
import { adminIsLocal, readSettings } from './settings.ts';

const page = readFileSync(
  join(import.meta.dirname, '..', '..', '..', 'docs', 'reference', 'data-plane-settings.md'),
  'utf8',
);

function read(env: Readonly<Record<string, string>>, argv: readonly string[] = []) {
  return readSettings({ argv, env, readFile: () => '', program: 'headgate-data-plane' });
}

describe('the settings of the data plane', () => {
  it.each(Object.values(settingsSpec) as Setting<unknown>[])('$name is described with its default', (setting) => {
    const shown = setting.name === 'HEADGATE_DATA_PLANE_ID' ? 'the host name' : setting.default || 'none';
    expect(page).toContain(
      `| \`${setting.name}\` | \`${shown}\` | ${setting.description} |`
        .replace('`none`', 'none')
        .replace('`the host name`', 'the host name'),
    );
  });

  it('have defaults that work', () => {
    const resolved = read({});
    expect(resolved).toMatchObject({
      ok: true,
      value: {
        kind: 'settings',
        values: { id: hostname(), controlPlanes: [{ host: '127.0.0.1', port: 9002 }], trustedProxies: [] },
      },
    });
  });

  it('come from a flag before the environment', () => {
    const resolved = read({ HEADGATE_HTTP_ADDRESS: '127.0.0.1:1' }, [flagOf('HEADGATE_HTTP_ADDRESS'), '127.0.0.1:2']);
    expect(resolved).toMatchObject({ ok: true, value: { values: { httpAddress: { port: 2 } } } });
  });

  it('are refused with every fault at once', () => {
    const resolved = read({
      HEADGATE_HTTP_ADDRESS: 'nowhere',
      HEADGATE_ENGINE: 'steam',
      HEADGATE_KEEP_ALIVE_TIMEOUT: '1 fortnight',
    });
    expect(resolved.ok).toBe(false);
    expect(resolved.ok ? [] : resolved.faults.map(({ pointer }) => pointer)).toEqual([
      '/httpAddress',
      '/engine',
      '/keepAliveTimeout',
    ]);
  });

  it('tell whether the admin listener can be reached from elsewhere', () => {
    expect(adminIsLocal({ adminAddress: { host: '127.0.0.1', port: 1 } })).toBe(true);
    expect(adminIsLocal({ adminAddress: { host: '0.0.0.0', port: 1 } })).toBe(false);
  });
});
