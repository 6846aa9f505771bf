import type { NodeRequest } from './node-message.ts';
import { requestDifference } from './request-difference.ts';

const sent: NodeRequest = {
  method: 'POST',
  target: '/a?b',
  version: '1.1',
  rawHeaders: ['Host', 'a.test', 'X-A', '1', 'Connection', 'x-b', 'X-B', '2', 'Content-Length', '005'],
  body: Buffer.from('hello'),
  rawTrailers: [],
  complete: true,
};

const own = ['X-Forwarded-For', '127.0.0.1', 'X-Request-Id', 'id', 'Via', '1.1 headgate'];
const seen: NodeRequest = { ...sent, rawHeaders: ['Host', 'a.test', 'X-A', '1', 'Content-Length', '5', ...own] };

describe('the difference between the request that was sent and the one that was seen', () => {
  it('is none for what a proxy has to do', () => {
    expect(requestDifference(sent, seen)).toBeUndefined();
    const absolute = { ...sent, target: 'http://b.test?b' };
    const aimed = { ...seen, target: '/?b', rawHeaders: ['Host', 'b.test', ...seen.rawHeaders.slice(2)] };
    expect(requestDifference(absolute, aimed)).toBeUndefined();
  });

  it('is none for a request that was cut', () => {
    expect(requestDifference(sent, { ...seen, body: Buffer.from('hel'), complete: false })).toBeUndefined();
    expect(requestDifference({ ...sent, complete: false }, { ...seen, complete: false })).toBeUndefined();
  });

  it.each<[string, Partial<NodeRequest>]>([
    ['method', { method: 'PUT' }],
    ['target', { target: '/a' }],
    ['version', { version: '1.0' }],
    ['Host', { rawHeaders: ['Host', 'b.test', ...seen.rawHeaders.slice(2)] }],
    ['framing', { rawHeaders: [...seen.rawHeaders, 'Transfer-Encoding', 'chunked'] }],
    ['framing', { rawHeaders: seen.rawHeaders.map((value) => (value === '5' ? '6' : value)) }],
    ['fields', { rawHeaders: [...seen.rawHeaders, 'X-C', '3'] }],
    ['fields', { rawHeaders: seen.rawHeaders.filter((_, index) => index !== 2 && index !== 3) }],
    ['content', { body: Buffer.from('hellO') }],
    ['content', { body: Buffer.from('hel') }],
    ['content', { body: Buffer.from('help'), complete: false }],
    ['trailers', { rawTrailers: ['X-T', '1'] }],
  ])('is its %s: %j', (what, change) => {
    expect(requestDifference(sent, { ...seen, ...change })).toMatch(what);
  });

  it('is an end that has not come', () => {
    expect(requestDifference({ ...sent, complete: false }, seen)).toMatch('complete');
  });
});
