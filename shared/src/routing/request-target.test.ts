import { readTarget } from './request-target.ts';

describe('readTarget', () => {
  it.each(['/', '/a/../b', '/a?b=/c?d', '//x', '/%2e%2e/%00', '/a\\b{}|^'])('takes %s as it stands', (target) => {
    expect(readTarget('GET', target)).toEqual({ authority: undefined, target });
  });

  it('takes an absolute form apart', () => {
    expect(readTarget('GET', 'http://A.test:81/b?c')).toEqual({ authority: 'A.test:81', target: '/b?c' });
    expect(readTarget('GET', 'HTTPS://a.test?c')).toEqual({ authority: 'a.test', target: '/?c' });
    expect(readTarget('GET', 'http://a.test')).toEqual({ authority: 'a.test', target: '/' });
    expect(readTarget('OPTIONS', 'http://a.test')).toEqual({ authority: 'a.test', target: '*' });
  });

  it('takes * of OPTIONS alone', () => {
    expect(readTarget('OPTIONS', '*')).toEqual({ authority: undefined, target: '*' });
    expect(readTarget('GET', '*')).toBeUndefined();
  });

  it.each([
    '',
    'a',
    'a.test:80',
    '/a#b',
    'http://a.test/#b',
    '/a b',
    '/caf\u00e9',
    '/\u0001',
    'ftp://a.test/',
    'http:/a',
  ])('refuses %j', (target) => {
    expect(readTarget('GET', target)).toBeUndefined();
  });
});
