import fc from 'fast-check';
import { nothingForwarded, readForwardedFields } from '@headgate/shared/forwarded/client-identity';
import type { RequestHead } from './forwarder.ts';
import { readRequestFields } from './request-fields.ts';
import { requestHeaders, type RequestHeadersInput } from './request-headers.ts';

interface Wanted extends Partial<Omit<RequestHeadersInput, 'head' | 'fields'>> {
  readonly rawHeaders?: readonly string[];
  readonly head?: Partial<RequestHead>;
}

function headersOf({ rawHeaders = [], head = {}, ...rest }: Wanted = {}): string[] {
  return requestHeaders({
    head: {
      method: 'GET',
      target: '/',
      version: '1.1',
      rawHeaders,
      clientAddress: '192.0.2.1',
      clientPort: 4711,
      encrypted: false,
      upgrade: false,
      ...head,
    },
    fields: readRequestFields(rawHeaders),
    authority: 'A.test:80',
    forwarded: undefined,
    clientAddress: '192.0.2.1',
    requestId: 'own-id',
    chunked: false,
    contentLength: undefined,
    expectsContinue: false,
    via: true,
    ...rest,
  });
}

/** Values by lower-case name. */
function valuesIn(fields: readonly string[], name: string): string[] {
  return fields.filter((_, index) => index % 2 === 1 && fields[index - 1]!.toLowerCase() === name);
}

const own = [
  ['Host', 'A.test:80'],
  ['X-Forwarded-For', '192.0.2.1'],
  ['X-Forwarded-Proto', 'http'],
  ['X-Forwarded-Host', 'A.test:80'],
  ['X-Real-IP', '192.0.2.1'],
  ['X-Request-Id', 'own-id'],
  ['Via', '1.1 headgate'],
];

describe('requestHeaders', () => {
  it('adds its own fields, Host first and as it was sent', () => {
    expect(headersOf()).toEqual(own.flat());
  });

  it('keeps spelling, order and repetition of the rest', () => {
    const rawHeaders = ['ACCEPT', '*/*', 'x-One', '1', 'Cookie', 'a=b', 'X-one', '2'];
    expect(headersOf({ rawHeaders }).slice(2, 10)).toEqual(rawHeaders);
  });

  it('removes what is meant for this hop alone, and what Connection names', () => {
    const rawHeaders = [
      ...['Connection', 'keep-alive, X-Private', 'X-Private', '1', 'Keep-Alive', 'timeout=5', 'Proxy-Connection', 'x'],
      ...['TE', 'gzip', 'Upgrade', 'h2c', 'HTTP2-Settings', 'AAMA', 'Proxy-Authorization', 'Basic eDp5', 'Expect', 'x'],
    ];
    expect(headersOf({ rawHeaders })).toEqual(own.flat());
  });

  it('says trailers are welcome when the client did, and nothing else of TE', () => {
    const fields = headersOf({ rawHeaders: ['TE', 'deflate, trailers'] });
    expect([valuesIn(fields, 'te'), valuesIn(fields, 'connection')]).toEqual([['trailers'], ['TE']]);
  });

  it('asks for a WebSocket, and for nothing else', () => {
    const fields = headersOf({ rawHeaders: ['Upgrade', 'h2c, websocket'], head: { upgrade: true } });
    expect([valuesIn(fields, 'upgrade'), valuesIn(fields, 'connection')]).toEqual([['websocket'], ['Upgrade']]);
  });

  it('writes the length as one plain number, and expects what the client expects', () => {
    const fields = headersOf({ rawHeaders: ['Content-Length', '005'], contentLength: 5, expectsContinue: true });
    expect([valuesIn(fields, 'content-length'), valuesIn(fields, 'expect')]).toEqual([['5'], ['100-continue']]);
  });

  it('announces trailers where content is in chunks only', () => {
    const rawHeaders = ['Trailer', 'X-Sum'];
    expect(valuesIn(headersOf({ rawHeaders, chunked: true }), 'trailer')).toEqual(['X-Sum']);
    expect(valuesIn(headersOf({ rawHeaders }), 'trailer')).toEqual([]);
  });

  it('believes nothing that a client says of itself', () => {
    const rawHeaders = [
      'X-Forwarded-For',
      '6.6.6.6',
      'x_forwarded_for',
      '6.6.6.6',
      'X-Real-IP',
      '6.6.6.6',
      'Forwarded',
      'for=6.6.6.6',
      'X-Forwarded-Port',
      '1',
    ];
    expect(headersOf({ rawHeaders })).toEqual(own.flat());
  });

  it('goes on with what a trusted proxy has said', () => {
    const rawHeaders = [
      'X-Forwarded-For',
      '198.51.100.7',
      'X-Forwarded-Proto',
      'https',
      'X-Forwarded-Host',
      'b.test',
      'X-Forwarded-Port',
      '443',
      'X_Real_IP',
      '6.6.6.6',
    ];
    const fields = headersOf({ rawHeaders, forwarded: readForwardedFields(rawHeaders), clientAddress: '198.51.100.7' });
    expect(valuesIn(fields, 'x-forwarded-for')).toEqual(['198.51.100.7, 192.0.2.1']);
    expect(valuesIn(fields, 'x-forwarded-proto')).toEqual(['https']);
    expect(valuesIn(fields, 'x-forwarded-host')).toEqual(['b.test']);
    expect(valuesIn(fields, 'x-forwarded-port')).toEqual(['443']);
    expect(valuesIn(fields, 'x-real-ip')).toEqual(['198.51.100.7']);
    expect(fields).not.toContain('X_Real_IP');
  });

  it('appends to Via, or leaves it alone when that is off', () => {
    const rawHeaders = ['Via', '1.0 fred'];
    expect(valuesIn(headersOf({ rawHeaders, head: { version: '1.0' } }), 'via')).toEqual(['1.0 fred', '1.0 headgate']);
    expect(valuesIn(headersOf({ rawHeaders, via: false }), 'via')).toEqual(['1.0 fred']);
  });

  it('names no host that the client has not named', () => {
    const fields = headersOf({ authority: undefined });
    expect([valuesIn(fields, 'host'), valuesIn(fields, 'x-forwarded-host')]).toEqual([[], []]);
  });
});

describe('requestHeaders, whatever comes', () => {
  const hopByHop = [
    'keep-alive',
    'proxy-connection',
    'transfer-encoding',
    'upgrade',
    'http2-settings',
    'proxy-authorization',
    'te',
    'connection',
  ];
  const ownNames = ['host', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-real-ip', 'x-request-id'];
  const plainNames = ['accept', 'x-one', 'x-two', 'cookie', 'authorization', 'cache-control'];
  const aliases = ['x_forwarded_for', 'x-real_ip', 'x_request_id', 'content_length'];
  const anyName = fc.constantFrom(...hopByHop, ...ownNames, ...plainNames, ...aliases, 'forwarded', 'x-forwarded-port');
  const spelled = (name: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc
      .tuple(name, fc.infiniteStream(fc.boolean()))
      .map(([text, upper]) => [...text].map((letter) => (upper.next().value ? letter.toUpperCase() : letter)).join(''));
  const connection = fc
    .array(spelled(fc.oneof(anyName, fc.constantFrom('close', 'keep-alive'))), { maxLength: 4 })
    .map((names) => ['Connection', names.join(' ,')] as const);
  const field = fc.tuple(spelled(anyName), fc.constantFrom('value', 'trailers', 'close', '6.6.6.6'));
  const rawFields = fc.array(fc.oneof({ weight: 4, arbitrary: field }, { weight: 1, arbitrary: connection }), {
    maxLength: 12,
  });
  const lines = (fields: readonly string[]): [string, string][] =>
    fields.flatMap((name, index) =>
      index % 2 === 0 ? [[name.toLowerCase(), fields[index + 1]!] as [string, string]] : [],
    );

  it('lets nothing through that ends at this hop, nor what Connection names', () => {
    fc.assert(
      fc.property(rawFields, (pairs) => {
        const rawHeaders = pairs.flat();
        const out = lines(headersOf({ rawHeaders }));
        const named = pairs
          .filter(([name]) => name.toLowerCase() === 'connection')
          .flatMap(([, value]) =>
            value
              .toLowerCase()
              .split(',')
              .map((option) => option.trim()),
          );
        const allowed = ([name, value]: [string, string]): boolean =>
          ownNames.includes(name) ||
          name === 'via' ||
          (name === 'te' && value === 'trailers') ||
          (name === 'connection' && value === 'TE') ||
          (plainNames.includes(name) && !named.includes(name));
        expect(out.filter((line) => !allowed(line))).toEqual([]);
      }),
    );
  });

  it('says its own fields once, as if the client had said nothing of them', () => {
    fc.assert(
      fc.property(rawFields, (pairs) => {
        const out = lines(headersOf({ rawHeaders: pairs.flat() }));
        for (const [name, value] of own.slice(0, 6)) {
          expect(out.filter(([sent]) => sent === name!.toLowerCase())).toEqual([[name!.toLowerCase(), value]]);
        }
      }),
    );
  });

  it('keeps everything else, in order', () => {
    fc.assert(
      fc.property(rawFields, (pairs) => {
        const plain = pairs.filter(([name]) => name.toLowerCase() !== 'connection');
        const out = headersOf({ rawHeaders: plain.flat(), forwarded: nothingForwarded });
        const wanted = plain.filter(([name]) => plainNames.includes(name.toLowerCase()));
        const kept = out.flatMap((name, index) =>
          index % 2 === 0 && plainNames.includes(name.toLowerCase()) ? [[name, out[index + 1]]] : [],
        );
        expect(kept).toEqual(wanted);
      }),
    );
  });
});
