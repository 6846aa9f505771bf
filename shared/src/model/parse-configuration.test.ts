import { parseJson } from '../json/parse-json.ts';
import { parseBackend, parseConfiguration, parseHost } from './parse-configuration.ts';
import type { Checked } from './fault.ts';

function codesOf(checked: Checked<unknown>): string[] {
  return checked.ok ? [] : checked.faults.map(({ code, pointer }) => `${code} ${pointer}`);
}

const server = { address: '10.0.0.1', port: 80 };

describe('parseConfiguration', () => {
  it('gives the configuration in its one spelling', () => {
    const checked = parseConfiguration({
      hosts: [
        { host: 'B.example.com.', backend: 'web' },
        { backend: 'web', host: 'a.example.com:80' },
        { host: '*.MÜNCHEN.de', backend: 'api' },
      ],
      backends: [{ via: true, servers: [{ port: 80, address: 'FD00:0::1' }, server], name: 'web' }, { name: 'api' }],
    });
    expect(checked.ok && JSON.stringify(checked.value)).toBe(
      JSON.stringify({
        backends: [
          { name: 'api', servers: [] },
          { name: 'web', servers: [server, { address: 'fd00::1', port: 80 }], via: true },
        ],
        hosts: [
          { host: '*.xn--mnchen-3ya.de', backend: 'api' },
          { host: 'a.example.com', backend: 'web' },
          { host: 'b.example.com', backend: 'web' },
        ],
      }),
    );
  });

  it('is done with its own results', () => {
    const checked = parseConfiguration({
      backends: [
        { name: 'b', servers: [server] },
        { name: 'a', healthCheck: { type: 'http', validStatuses: ['204'] } },
      ],
      hosts: [{ host: 'x', routes: [{ match: { path: { exact: '/' } }, backend: 'a' }, { backend: 'b' }] }],
    });
    expect(checked.ok).toBe(true);
    expect(checked.ok && parseConfiguration(checked.value)).toEqual(checked);
  });

  it('takes explicit empty lists for a configuration', () => {
    expect(parseConfiguration({ backends: [], hosts: [] })).toEqual({ ok: true, value: { backends: [], hosts: [] } });
  });

  it.each([
    [null, ['wrong_type ']],
    [undefined, ['wrong_type ']],
    [[], ['wrong_type ']],
    ['', ['wrong_type ']],
    [0, ['wrong_type ']],
    [{}, ['required /backends', 'required /hosts']],
    [{ backends: [] }, ['required /hosts']],
    [{ hosts: [] }, ['required /backends']],
    [{ backends: null, hosts: {} }, ['wrong_type /backends', 'wrong_type /hosts']],
    [{ backends: [null, 5], hosts: [[]] }, ['wrong_type /backends/0', 'wrong_type /backends/1', 'wrong_type /hosts/0']],
    [{ backends: [], hosts: [], backend: [] }, ['unknown_field /backend']],
    [{ backends: [], hosts: [], listeners: [], secrets: [] }, ['not_supported /listeners', 'not_supported /secrets']],
  ])('refuses %j', (input, codes) => {
    const checked = parseConfiguration(input);
    expect(codesOf(checked)).toEqual(codes);
    if (!checked.ok) for (const fault of checked.faults) expect([fault.detail, fault.fix]).not.toContain('');
  });

  it('lets no __proto__ through, wherever it stands, and pollutes nothing', () => {
    const polluted = '"__proto__": {"polluted": true, "via": false}';
    const document = JSON.parse(`{
      ${polluted},
      "backends": [{ ${polluted}, "name": "web", "servers": [{ ${polluted}, "address": "10.0.0.1", "port": 80 }],
        "balance": { ${polluted}, "algorithm": "round_robin" }, "healthCheck": { ${polluted}, "type": "tcp" },
        "timeouts": { ${polluted} }, "limits": { ${polluted} } }],
      "hosts": [{ ${polluted}, "host": "a", "routes": [{ ${polluted}, "backend": "web",
        "match": { ${polluted}, "path": { ${polluted}, "prefix": "/" } } }] }]
    }`) as unknown;
    const faults = codesOf(parseConfiguration(document));
    expect(faults).toHaveLength(11);
    expect(faults.every((fault) => /^unknown_field .*\/__proto__$/.test(fault))).toBe(true);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('takes no value from a prototype', () => {
    const input = Object.create({ backends: [], hosts: [] }) as unknown;
    expect(parseConfiguration(input).ok).toBe(false);
  });

  it('cross-checks what is valid when other parts are not, all faults at once', () => {
    const checked = parseConfiguration({
      backends: [
        { name: 'web', servers: [server, { address: 'no_where', port: 80 }, server] },
        { name: 'web', colour: 'red' },
        { name: 5 },
      ],
      hosts: [
        { host: 'a', backend: 'web' },
        { host: 'A', routes: [{ backend: 'nobody' }, { backend: 'b a d' }] },
        { host: 'a b', backend: 'nobody' },
        { host: 'c', bakend: 'web' },
      ],
    });
    expect(codesOf(checked)).toEqual([
      'invalid_value /backends/0/servers/1/address',
      'unknown_field /backends/1/colour',
      'wrong_type /backends/2/name',
      'invalid_value /hosts/1/routes/1/backend',
      'invalid_value /hosts/2/host',
      'unknown_field /hosts/3/bakend',
      'duplicate_backend /backends/1/name',
      'duplicate_server /backends/0/servers/2',
      'duplicate_host /hosts/1/host',
      'required /hosts/3',
      'unknown_backend /hosts/1/routes/0/backend',
      'unknown_backend /hosts/2/backend',
    ]);
  });

  it('does not call a backend unknown whose definition is wrong elsewhere', () => {
    const document = { backends: [{ name: 'web', via: 5 }], hosts: [{ host: 'a', backend: 'web' }] };
    expect(codesOf(parseConfiguration(document))).toEqual(['wrong_type /backends/0/via']);
  });

  it('reports a thousand faults and how many more there are', () => {
    const hosts = Array.from({ length: 1_500 }, (_, index) => ({ host: `h${index}`, backend: 'nobody' }));
    const checked = parseConfiguration({ backends: [], hosts });
    expect(codesOf(checked)).toHaveLength(1_001);
    expect(!checked.ok && checked.faults.at(-1)).toMatchObject({
      code: 'more_faults',
      detail: 'there are 500 more faults',
    });
  });

  it('gives up counting when there is nothing but faults', () => {
    for (const document of [
      { backends: new Array(500_000).fill(0), hosts: [] },
      { backends: Array.from({ length: 100 }, () => ({ name: 'a', servers: new Array(10_000).fill(0) })), hosts: [] },
      { backends: [Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, 0]))], hosts: [] },
    ]) {
      const checked = parseConfiguration(document);
      expect(codesOf(checked)).toHaveLength(1_001);
      expect(!checked.ok && checked.faults.at(-1)?.detail).toContain('more than 9,000 more faults');
    }
  });

  it('shows nothing of a hostile document as it is', () => {
    const hostile = `\u001b]0;pwned\u0007${'x'.repeat(100_000)}`;
    const checked = parseConfiguration({
      [hostile]: 1,
      backends: [{ name: hostile, servers: [{ address: hostile, port: hostile }] }],
      hosts: [{ host: hostile, backend: hostile, [hostile]: 1 }],
    });
    expect(codesOf(checked).length).toBeGreaterThan(6);
    if (checked.ok) return;
    for (const { pointer, detail, fix } of checked.faults) {
      const text = pointer + detail + fix;
      expect(text).not.toMatch(/\p{Cc}/u);
      expect(text.length).toBeLessThan(500);
    }
  });

  it('reads 10,000 hosts of 10 servers', () => {
    const backends = Array.from({ length: 10_000 }, (_, index) => ({
      name: `b${index}`,
      servers: Array.from({ length: 10 }, (_, last) => ({
        address: `10.${index >> 8}.${index & 255}.${last}`,
        port: 80,
      })),
    }));
    const hosts = Array.from({ length: 10_000 }, (_, index) => ({
      host: `h${index}.example.com`,
      backend: `b${index}`,
    }));
    const json = parseJson(JSON.stringify({ backends, hosts }));
    const checked = parseConfiguration(json.ok ? json.value : null);
    expect(checked.ok && [checked.value.backends.length, checked.value.hosts.length]).toEqual([10_000, 10_000]);
  });
});

describe('parseBackend', () => {
  it('gives the backend in its one spelling', () => {
    expect(parseBackend({ servers: [{ address: '[::1]', port: 80 }, server], name: 'web' })).toEqual({
      ok: true,
      value: { name: 'web', servers: [server, { address: '::1', port: 80 }] },
    });
  });

  it('checks the object and its servers against each other', () => {
    const input = { name: 'web', via: 1, servers: [server, { address: '::ffff:10.0.0.1', port: 80 }] };
    expect(codesOf(parseBackend(input))).toEqual(['wrong_type /via', 'duplicate_server /servers/1']);
    expect(codesOf(parseBackend(null))).toEqual(['wrong_type ']);
    expect(codesOf(parseBackend({ backend_name: 'web' }))).toEqual(['required /name', 'unknown_field /backend_name']);
  });
});

describe('parseHost', () => {
  it('gives the host in its one spelling, whoever defines its backend', () => {
    expect(parseHost({ backend: 'elsewhere', host: 'A.example:80' })).toEqual({
      ok: true,
      value: { host: 'a.example', backend: 'elsewhere' },
    });
  });

  it('checks the destination and the size', () => {
    expect(codesOf(parseHost({ host: 'a' }))).toEqual(['required ']);
    expect(codesOf(parseHost({ host: 'a', backend: 'b', routes: [{ backend: 'c' }] }))).toEqual([
      'ambiguous_destination ',
    ]);
    expect(codesOf(parseHost('a'))).toEqual(['wrong_type ']);
    const routes = Array.from({ length: 150 }, () => ({
      match: { path: { exact: `/${'a'.repeat(2_000)}` } },
      backend: 'b',
    }));
    expect(codesOf(parseHost({ host: 'a', routes }))).toEqual(['too_large ']);
  });
});
