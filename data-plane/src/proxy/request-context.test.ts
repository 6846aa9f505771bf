import { RequestContext } from './request-context.ts';

const context = new RequestContext({
  clientAddress: '192.0.2.1',
  authority: 'a.test',
  target: '/a//b?c=d',
  rawHeaders: ['X-One', '1', 'COOKIE', 'a=1; route=x=y', 'x-one', '2', 'Cookie', 'late=3; a=4'],
});

describe('RequestContext', () => {
  it('shows the path without the query', () => {
    expect(context.path).toBe('/a//b');
  });

  it('finds fields by lower-case name, the first of several', () => {
    expect([context.header('x-one'), context.header('x-two')]).toEqual(['1', undefined]);
  });

  it('finds cookies over several fields', () => {
    expect(['a', 'route', 'late', 'none'].map((name) => context.cookie(name))).toEqual(['1', 'x=y', '3', undefined]);
  });
});
