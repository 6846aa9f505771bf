import { RequestView } from '@headgate/shared/routing/routed-request';
import { RequestContext } from './request-context.ts';

const rawHeaders = [
  ...['X-One', '1', 'COOKIE', 'a=1; route=x=y', 'x-one', '2'],
  ...['Cookie', 'late=3; a=4; __proto__=5; wide=\xa0w\xa0'],
];
const context = new RequestContext({
  clientAddress: '192.0.2.1',
  authority: 'a.test',
  request: new RequestView('GET', '/a//b??c=d&c=e&f=%20g+&__proto__=h', rawHeaders),
  rawHeaders,
});

describe('RequestContext', () => {
  it('shows the path without the query', () => {
    expect(context.path).toBe('/a//b');
  });

  it('finds fields by lower-case name, the first of several', () => {
    expect([context.header('x-one'), context.header('x-two')]).toEqual(['1', undefined]);
  });

  it('finds cookies over several fields, byte for byte, whatever their names', () => {
    const names = ['a', 'route', 'late', 'none', '__proto__', 'wide'];
    expect(names.map((name) => context.cookie(name))).toEqual(['1', 'x=y', '3', undefined, '5', '\xa0w\xa0']);
  });

  it('reads the query as routes do', () => {
    const names = ['?c', 'c', 'f', 'none', '__proto__', 'toString'];
    const values = ['d', 'e', ' g ', undefined, 'h', undefined];
    expect(names.map((name) => context.query(name))).toEqual(values);
  });
});
