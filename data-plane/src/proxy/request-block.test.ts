import fc from 'fast-check';
import type { Backend } from '@headgate/shared/model/backend';
import type { RequestHead } from './forwarder.ts';
import { nothingForwarded } from '@headgate/shared/forwarded/client-identity';
import { RequestBlock } from './request-block.ts';
import { requestHeaders, type RequestHeadersInput } from './request-headers.ts';

const rawHeaders = ['Host', 'a.test', 'Cookie', 'route=1; b=2', 'Connection', 'Upgrade', 'X-Forwarded-For', '9.9.9.9'];

function head(rest: Partial<RequestHead>): RequestHead {
  return {
    ...{ method: 'GET', target: '/', version: '1.1', rawHeaders, clientAddress: '10.0.0.1', clientPort: 1 },
    ...{ encrypted: false, upgrade: false, ...rest },
  };
}

const backendOf = (name: string): Backend => ({ name }) as Backend;
const [plain, stripping] = [backendOf('plain'), backendOf('stripping')];

/** Requests on one connection that differ in all that the block must look at. */
const requests: readonly (readonly [RequestHead, Backend, Partial<RequestHeadersInput>])[] = [
  [head({}), plain, {}],
  [head({ version: '1.0' }), plain, {}],
  [head({ clientAddress: '10.0.0.2' }), plain, { clientAddress: '10.0.0.2' }],
  [head({ encrypted: true }), plain, {}],
  [head({ upgrade: true }), plain, {}],
  [head({ target: 'http://b.test/' }), plain, { authority: 'b.test' }],
  [head({}), stripping, { via: false, strippedCookie: 'route' }],
  [head({}), plain, { forwarded: { ...nothingForwarded, forwardedFor: '9.9.9.9' }, clientAddress: '9.9.9.9' }],
];

describe('a request block', () => {
  it('prepares every request as if it was the first one', () => {
    const block = new RequestBlock(rawHeaders);
    const index = fc.nat({ max: requests.length - 1 });
    fc.assert(
      fc.property(fc.array(index), (order) => {
        for (const each of order) {
          const [of, settings, rest] = requests[each]!;
          const input = {
            ...{ head: of, fields: block.fields, authority: 'a.test', forwarded: undefined, clientAddress: '10.0.0.1' },
            ...{ requestId: `id-${each}`, chunked: false, contentLength: undefined, expectsContinue: false, via: true },
            ...rest,
          };
          expect(block.prepare(input, settings).list(`id-${each}`)).toEqual(requestHeaders(input));
        }
      }),
    );
  });

  it('judges the fields anew for another version of HTTP', () => {
    const block = new RequestBlock(['Transfer-Encoding', 'chunked']);
    const verdicts = (['1.0', '1.1', '1.1', '1.0'] as const).map((version) => block.verdicts(version));
    expect(verdicts.map(({ host }) => host)).toEqual([
      { sent: undefined, authority: '' },
      'missing_host',
      'missing_host',
      { sent: undefined, authority: '' },
    ]);
    expect(verdicts.map(({ framing }) => typeof framing)).toEqual(['string', 'object', 'object', 'string']);
  });
});
