import { asksForWebSocket, expectsContinue, readFraming, readRequestFields } from './request-fields.ts';

const framing = (fields: readonly string[], version: '1.0' | '1.1' = '1.1'): unknown =>
  readFraming(readRequestFields(fields), version);

describe('readFraming', () => {
  it('reads where content ends', () => {
    expect(framing([])).toEqual({ chunked: false, contentLength: undefined });
    expect(framing(['Content-Length', '5'])).toEqual({ chunked: false, contentLength: 5 });
    expect(framing(['transfer-encoding', 'Chunked'])).toEqual({ chunked: true, contentLength: undefined });
  });

  it.each([
    ['both framings', ['Content-Length', '5', 'Transfer-Encoding', 'chunked']],
    ['two lengths, even equal ones', ['Content-Length', '5', 'content-length', '5']],
    ['a list of lengths', ['Content-Length', '5, 5']],
    ['a length with a sign', ['Content-Length', '+5']],
    ['a length beyond what can be counted', ['Content-Length', '9999999999999999']],
    ['no length', ['Content-Length', '']],
    ['chunked twice', ['Transfer-Encoding', 'chunked, chunked']],
    ['chunked that is not last', ['Transfer-Encoding', 'chunked, gzip']],
    ['a coding alone', ['Transfer-Encoding', 'gzip']],
    ['something like chunked', ['Transfer-Encoding', 'xchunked']],
    ['an empty coding', ['Transfer-Encoding', ', chunked']],
  ])('refuses %s', (_what, fields) => {
    expect(framing(fields)).toBe('invalid_framing');
  });

  it('does not know other codings under chunks', () => {
    expect(framing(['Transfer-Encoding', 'gzip, chunked'])).toBe('transfer_coding_not_supported');
    expect(framing(['Transfer-Encoding', 'gzip', 'Transfer-Encoding', 'chunked'])).toBe(
      'transfer_coding_not_supported',
    );
  });

  it('refuses chunks in HTTP/1.0', () => {
    expect(framing(['Transfer-Encoding', 'chunked'], '1.0')).toBe('invalid_framing');
  });
});

describe('expectsContinue', () => {
  const expects = (fields: readonly string[], version: '1.0' | '1.1' = '1.1'): unknown =>
    expectsContinue(readRequestFields(fields), version);

  it('knows 100-continue, and no other expectation', () => {
    expect(expects([])).toBe(false);
    expect(expects(['Expect', '100-Continue'])).toBe(true);
    expect(expects(['Expect', '100-continue, other'])).toBe('expectation_failed');
  });

  it('ignores expectations of HTTP/1.0', () => {
    expect(expects(['Expect', 'anything'], '1.0')).toBe(false);
  });
});

describe('asksForWebSocket', () => {
  const upgrade = ['Connection', 'keep-alive, Upgrade', 'Upgrade', 'WebSocket'];
  const asks = (rawHeaders: readonly string[], method = 'GET', version: '1.0' | '1.1' = '1.1'): boolean =>
    asksForWebSocket({ method, version, rawHeaders });

  it('wants GET, HTTP/1.1 and both fields', () => {
    expect(asks(upgrade)).toBe(true);
    expect(asks(upgrade, 'POST')).toBe(false);
    expect(asks(upgrade, 'GET', '1.0')).toBe(false);
    expect(asks(upgrade.slice(2))).toBe(false);
    expect(asks(upgrade.slice(0, 2))).toBe(false);
  });

  it('is no WebSocket that asks for h2c or has content', () => {
    expect(asks(['Connection', 'Upgrade', 'Upgrade', 'h2c'])).toBe(false);
    expect(asks([...upgrade, 'Content-Length', '4'])).toBe(false);
    expect(asks([...upgrade, 'Transfer-Encoding', 'chunked'])).toBe(false);
  });
});

describe('readRequestFields', () => {
  it('sees that trailers are welcome, with a weight or without', () => {
    expect(readRequestFields(['TE', 'gzip, trailers;q=0.5']).acceptsTrailers).toBe(true);
    expect(readRequestFields(['TE', 'gzip']).acceptsTrailers).toBe(false);
  });
});
