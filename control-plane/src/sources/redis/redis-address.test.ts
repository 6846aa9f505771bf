import { parseRedisUrl } from './redis-address.ts';

describe('the URL of a Redis', () => {
  it.each([
    ['redis://127.0.0.1', { host: '127.0.0.1', port: 6379, tls: false, database: 0 }],
    ['redis://Cache.Example.com:7000/', { host: 'cache.example.com', port: 7000, tls: false, database: 0 }],
    ['rediss://[2001:DB8::1]:6380/12', { host: '2001:db8::1', port: 6380, tls: true, database: 12 }],
  ])('%s', (text, value) => {
    expect(parseRedisUrl(text)).toEqual({ ok: true, value });
  });

  it.each([
    '',
    'redis://',
    'redis:/127.0.0.1',
    'http://127.0.0.1',
    'redis://127.0.0.1:0',
    'redis://127.0.0.1:70000',
    'redis://127.0.0.1/one',
    'redis://127.0.0.1/0/1',
    'redis://127.0.0.1?password=kept-to-itself',
    'redis://127.0.0.1#kept-to-itself',
    'redis://0x7f.1',
    'redis://a b',
    'unix:///run/redis.sock',
    ' redis://127.0.0.1',
  ])('is not "%s"', (text) => {
    const parsed = parseRedisUrl(text);
    expect(parsed).toMatchObject({ ok: false, problem: 'is not the URL of a Redis' });
    expect(JSON.stringify(parsed)).not.toContain('kept-to-itself');
  });

  it.each(['redis://user:kept-to-itself@127.0.0.1', 'redis://:kept-to-itself@h/0', 'redis//kept-to-itself@h'])(
    'holds no credentials, and the fault does not show them',
    (text) => {
      const parsed = parseRedisUrl(text);
      expect(parsed).toMatchObject({ ok: false, problem: 'must hold no username and no password' });
      expect(JSON.stringify(parsed)).not.toContain('kept-to-itself');
    },
  );
});
