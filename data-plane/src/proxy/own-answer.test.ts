import { ownAnswer, ownAnswerBody, ownAnswerHeaders } from './own-answer.ts';

describe('ownAnswer', () => {
  it('gives each reason its status', () => {
    expect(ownAnswer('unknown_host')).toEqual({ status: 404, reason: 'unknown_host', headers: {}, close: false });
    expect(ownAnswer('connect_failed').status).toBe(502);
    expect(ownAnswer('connect_timeout').status).toBe(504);
  });

  it('closes the connection when the end of the request cannot be trusted', () => {
    expect(ownAnswer('invalid_framing').close).toBe(true);
    expect(ownAnswer('bad_request').close).toBe(true);
    expect(ownAnswer('no_route').close).toBe(false);
  });

  it('says when to come back, and which methods there are', () => {
    expect(ownAnswer('no_healthy_server').headers).toEqual({ 'Retry-After': '5' });
    expect(ownAnswer('method_not_allowed').headers).toHaveProperty('Allow');
  });
});

describe('the content of an own answer', () => {
  it('is JSON of the reason and the request id alone', () => {
    expect(JSON.parse(ownAnswerBody(ownAnswer('no_servers'), 'a"b'))).toEqual({
      error: 'no_servers',
      requestId: 'a"b',
    });
  });

  it('has fields that say its length and that nobody may keep it', () => {
    const fields = ownAnswerHeaders(ownAnswer('no_servers'), { requestId: 'id-1', shownVersion: undefined }, 12);
    expect(fields).toEqual(
      expect.arrayContaining(['Content-Length', '12', 'X-Request-Id', 'id-1', 'no-store', 'Retry-After']),
    );
  });

  it('names the version of the configuration where it is to, also when there is none yet', () => {
    const fieldsOf = (shownVersion: number | undefined) =>
      ownAnswerHeaders(ownAnswer('no_servers'), { requestId: 'id-1', shownVersion }, 12);
    expect(fieldsOf(undefined)).not.toContain('Headgate-Version');
    expect(fieldsOf(0)).toEqual(expect.arrayContaining(['Headgate-Version', '0']));
  });
});
