import { parseConfiguration } from './parse-configuration.ts';
import { resolveBackend } from './backend.ts';

/** Article 001's example, as it stands. */
const article = `{
    "backends": [
        {
            "backend_name": "backend1",
            "health_check": {
                "enable": true,
                "type": "tcp",
                "interval": 3,
                "timeout": 2,
                "success": 2,
                "fail": 3
            },
            "servers": [
                {
                    "addr": "127.0.0.1",
                    "port": 10001
                }
            ]
        },
        {
            "backend_name": "backend2",
            "health_check": {
                "enable": true,
                "type": "http",
                "uri": "/ping",
                "interval": 3,
                "timeout": 2,
                "success": 2,
                "fail": 3
            },
            "servers": [
                {
                    "addr": "127.0.0.1",
                    "port": 10001,
                    "weight": 10
                },
                {
                    "addr": "127.0.0.1",
                    "port": 10002,
                    "weight": 1
                }
            ]
        }
    ],
    "hosts": [
        {
            "host": "www.test1.com",
            "backend_name": "backend1"
        },
        {
            "host": "www.test2.com",
            "backend_name": "backend2"
        }
    ]
}`;

function withCheck(check: unknown) {
  return { backends: [{ backend_name: 'web', health_check: check, servers: [] }], hosts: [] };
}

function checkOf(check: unknown) {
  const checked = parseConfiguration(withCheck(check));
  return checked.ok
    ? checked.value.backends[0]?.healthCheck
    : checked.faults.map(({ code, pointer }) => `${code} ${pointer}`);
}

function codesOf(input: unknown): string[] {
  const checked = parseConfiguration(input);
  return checked.ok ? [] : checked.faults.map(({ code, pointer }) => `${code} ${pointer}`);
}

const at = '/backends/0/health_check';

describe('an article document', () => {
  it('is accepted as it stands', () => {
    const checked = parseConfiguration(JSON.parse(article));
    const times = { interval: '3s', timeout: '2s', fall: 3, rise: 2 };
    expect(checked).toEqual({
      ok: true,
      value: {
        backends: [
          {
            name: 'backend1',
            servers: [{ address: '127.0.0.1', port: 10001 }],
            healthCheck: { type: 'tcp', ...times },
          },
          {
            name: 'backend2',
            servers: [
              { address: '127.0.0.1', port: 10001, weight: 10 },
              { address: '127.0.0.1', port: 10002, weight: 1 },
            ],
            healthCheck: { type: 'http', path: '/ping', ...times },
          },
        ],
        hosts: [
          { host: 'www.test1.com', backend: 'backend1' },
          { host: 'www.test2.com', backend: 'backend2' },
        ],
      },
    });
  });

  it('balances by weight', () => {
    const checked = parseConfiguration(JSON.parse(article));
    expect(checked.ok && checked.value.backends.map((backend) => resolveBackend(backend).balance.algorithm)).toEqual([
      'weighted_round_robin',
      'weighted_round_robin',
    ]);
  });

  it('equals its own translation, read again', () => {
    const checked = parseConfiguration(JSON.parse(article));
    expect(checked.ok && parseConfiguration(checked.value)).toEqual(checked);
  });

  it('may do without checks, weights and servers', () => {
    expect(parseConfiguration({ backends: [{ backend_name: 'web' }], hosts: [] })).toEqual({
      ok: true,
      value: { backends: [{ name: 'web', servers: [] }], hosts: [] },
    });
  });

  describe('checks', () => {
    it('count seconds beside success, fail and uri', () => {
      expect(checkOf({ type: 'tcp', interval: 0.5, timeout: 90, fail: 1 })).toEqual({
        type: 'tcp',
        interval: '500ms',
        timeout: '90s',
        fall: 1,
      });
      expect(checkOf({ type: 'http', interval: 60, uri: '/ping?x=1' })).toEqual({
        type: 'http',
        interval: '1m',
        path: '/ping?x=1',
      });
      expect(checkOf({ type: 'tcp', interval: 1.001, success: 2 })).toEqual({
        type: 'tcp',
        interval: '1001ms',
        rise: 2,
      });
    });

    it('count milliseconds beside fall, rise and valid_statuses, as article 000 does', () => {
      const check = { type: 'http', interval: 2_000, timeout: 1_000, fall: 3, rise: 2, valid_statuses: [200, 302] };
      expect(checkOf(check)).toEqual({
        type: 'http',
        interval: '2s',
        timeout: '1s',
        fall: 3,
        rise: 2,
        validStatuses: ['200', '302'],
      });
      expect(checkOf({ type: 'tcp', interval: 1_500, fall: 3 })).toEqual({ type: 'tcp', interval: '1500ms', fall: 3 });
    });

    it('need neighbours when they have numbers', () => {
      expect(checkOf({ type: 'tcp' })).toEqual({ type: 'tcp' });
      expect(checkOf({ type: 'tcp', interval: 3, timeout: 2 })).toEqual([
        `ambiguous_unit ${at}/interval`,
        `ambiguous_unit ${at}/timeout`,
      ]);
    });

    it('mix no units', () => {
      expect(checkOf({ type: 'tcp', interval: 3, fall: 3, success: 2 })).toEqual([`mixed_units ${at}/fall`]);
      expect(checkOf({ type: 'http', uri: '/', rise: 3 })).toEqual([`mixed_units ${at}/rise`]);
    });

    it('are left out when they are not enabled, and still checked', () => {
      expect(checkOf({ enable: false, type: 'tcp', interval: 3, fail: 3 })).toBeUndefined();
      expect(checkOf({ enable: false, type: 'udp', fail: 0 })).toEqual([
        `invalid_value ${at}/type`,
        `invalid_value ${at}/fail`,
      ]);
      expect(checkOf({ enable: 'no', type: 'tcp' })).toEqual([`wrong_type ${at}/enable`]);
    });

    it('are those of article 000, every number and the request as they stand', () => {
      const check = {
        type: 'http',
        http_req: 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n',
        interval: 2_000,
        timeout: 1_000,
        fall: 3,
        rise: 2,
        valid_statuses: [200, 302],
        concurrency: 10,
      };
      expect(checkOf(check)).toEqual({
        type: 'http',
        method: 'GET',
        path: '/',
        host: 'localhost',
        interval: '2s',
        timeout: '1s',
        fall: 3,
        rise: 2,
        validStatuses: ['200', '302'],
        concurrency: 10,
      });
    });

    it.each([
      [{ type: 'tcp', uri: '/x' }, `invalid_value ${at}/uri`],
      [{ type: 'tcp', valid_statuses: [200] }, `invalid_value ${at}/valid_statuses`],
      [{ type: 'tcp', http_req: 'GET / HTTP/1.0\r\n\r\n' }, `invalid_value ${at}/http_req`],
      [{ type: 'http', http_req: 'GET /' }, `invalid_value ${at}/http_req`],
      [{ type: 'http', http_req: 5 }, `wrong_type ${at}/http_req`],
      [{ type: 'http', http_req: 'GET / HTTP/1.0\r\n\r\n', uri: '/' }, `mixed_units ${at}/http_req`],
      [{ type: 'http', concurrency: 0 }, `invalid_value ${at}/concurrency`],
      [{ type: 'http', concurrency: 101 }, `invalid_value ${at}/concurrency`],
      [{ type: 'http', valid_statuses: [] }, `invalid_value ${at}/valid_statuses`],
      [{ type: 'http', valid_statuses: [99] }, `invalid_value ${at}/valid_statuses/0`],
      [{ type: 'http', valid_statuses: '200' }, `wrong_type ${at}/valid_statuses`],
      [{ type: 'http', uri: 'ping' }, `invalid_value ${at}/uri`],
      [{ type: 'tcp', interval: 0, fail: 3 }, `invalid_value ${at}/interval`],
      [{ type: 'tcp', interval: -3, fail: 3 }, `invalid_value ${at}/interval`],
      [{ type: 'tcp', interval: 3_601, fail: 3 }, `invalid_value ${at}/interval`],
      [{ type: 'tcp', interval: 1.0001, fail: 3 }, `invalid_value ${at}/interval`],
      [{ type: 'tcp', interval: '3s', fail: 3 }, `wrong_type ${at}/interval`],
      [{ type: 'tcp', interval: 99, fall: 3 }, `invalid_value ${at}/interval`],
      [{ type: 'tcp', timeout: 1.5, fall: 3 }, `invalid_value ${at}/timeout`],
      [{ type: 'tcp', fail: 0 }, `invalid_value ${at}/fail`],
      [{ type: 'tcp', success: 101 }, `invalid_value ${at}/success`],
      [{ fail: 3 }, `required ${at}/type`],
      [{ type: 'tcp', fial: 3 }, `unknown_field ${at}/fial`],
      [[], `wrong_type ${at}`],
      ['tcp', `wrong_type ${at}`],
      [null, `wrong_type ${at}`],
    ])('refuse %j', (check, fault) => {
      expect(checkOf(check)).toEqual([fault]);
    });
  });

  it('has pointers into the text as it was written', () => {
    const document = {
      backends: [
        {
          backend_name: 'a',
          servers: [
            { addr: '0x7f.1', port: 0 },
            { addr: '10.0.0.1', port: 80 },
          ],
        },
        {
          backend_name: 'a',
          servers: [
            { addr: '10.0.0.1', port: 80 },
            { addr: '::ffff:10.0.0.1', port: 80 },
          ],
        },
        { backend_name: '-', servers: [{ addr: '10.0.0.1', port: 80, weight: 0, state: 'draining' }] },
        { servers: 5 },
      ],
      hosts: [
        { host: 'WWW.test1.com', backend_name: 'b' },
        { host: 'www.test1.com:80', backend_name: 'a' },
        { host: 'x y' },
        null,
      ],
    };
    expect(codesOf(document)).toEqual([
      'invalid_value /backends/0/servers/0/addr',
      'invalid_value /backends/0/servers/0/port',
      'invalid_value /backends/2/backend_name',
      'invalid_value /backends/2/servers/0/weight',
      'state_elsewhere /backends/2/servers/0/state',
      'required /backends/3/backend_name',
      'wrong_type /backends/3/servers',
      'invalid_value /hosts/2/host',
      'required /hosts/2/backend_name',
      'wrong_type /hosts/3',
      'duplicate_backend /backends/1/backend_name',
      'duplicate_server /backends/1/servers/1',
      'duplicate_host /hosts/1/host',
      'unknown_backend /hosts/0/backend_name',
    ]);
  });

  it.each(['sticky', 'balancing', 'colour', '__proto__'])('refuses the unknown field %s everywhere', (key) => {
    const text = article
      .replace('"backend_name": "backend1",', `"backend_name": "backend1", "${key}": 1,`)
      .replace('"addr": "127.0.0.1",', `"addr": "127.0.0.1", "${key}": 1,`)
      .replace('"enable": true,', `"enable": true, "${key}": 1,`)
      .replace('"host": "www.test1.com",', `"host": "www.test1.com", "${key}": 1,`);
    expect(codesOf(JSON.parse(text)).map((fault) => fault.split(' ')[1])).toEqual([
      `/backends/0/servers/0/${key}`,
      `/backends/0/${key}`,
      `/backends/0/health_check/${key}`,
      `/hosts/0/${key}`,
    ]);
  });

  it('mixes with the native spelling in no way', () => {
    const native = { host: 'a', backend: 'web' };
    expect(codesOf({ backends: [{ backend_name: 'web' }], hosts: [native] })).toEqual([
      'mixed_spelling /backends/0/backend_name',
    ]);
    expect(codesOf({ backends: [{ name: 'web', health_check: { type: 'tcp' } }], hosts: [native] })).toEqual([
      'mixed_spelling /backends/0/health_check',
    ]);
    expect(codesOf({ backends: [{ name: 'web', servers: [{ addr: '10.0.0.1', port: 80 }] }], hosts: [] })).toEqual([
      'mixed_spelling /backends/0/servers/0/addr',
    ]);
    expect(codesOf({ backends: [], hosts: [native, { host: 'b', backend_name: 'web' }] })).toEqual([
      'mixed_spelling /hosts/1/backend_name',
    ]);
    const checked = parseConfiguration({ backends: [], hosts: [native, { host: 'b', backend_name: 'web' }] });
    expect(!checked.ok && checked.faults[0]).toMatchObject({
      detail: '"backend_name" belongs to another spelling than "backend" at /hosts/0/backend; a document uses one',
      fix: expect.stringContaining('write "backend"') as string,
    });
  });

  it('lacks neither of its lists', () => {
    expect(codesOf({ backends: [{ backend_name: 'web' }] })).toEqual(['required /hosts']);
    expect(codesOf({ hosts: [{ host: 'a', backend_name: 'web' }] })).toEqual([
      'required /backends',
      'unknown_backend /hosts/0/backend_name',
    ]);
  });
});
