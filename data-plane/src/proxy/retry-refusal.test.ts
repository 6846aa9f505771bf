import { retryDefaults } from '@headgate/shared/model/retry';
import { isIdempotent, retryRefusal, type RetryQuestion } from './retry-refusal.ts';

const unsent = { sent: false, bodyComplete: true };
const sent = { sent: true, bodyComplete: true };

function refusalOf(rest: Partial<RetryQuestion>) {
  const traffic = { inFlight: 1, retries: 0 };
  const question = { settings: retryDefaults, attempts: 1, after: sent, mayReplay: true, retrying: false, traffic };
  return retryRefusal({ ...question, ...rest });
}

describe('retryRefusal', () => {
  it.each([
    ['a GET of which something was sent', undefined, {}],
    ['a POST of which something was sent', 'not_replayable', { mayReplay: false }],
    ['a POST of which nothing was sent', undefined, { mayReplay: false, after: unsent }],
    ['a PUT whose body is gone', 'not_replayable', { after: { sent: true, bodyComplete: false } }],
    ['a request that was tried twice', 'attempts', { attempts: 2 }],
    ['a request without any retry', 'attempts', { settings: { ...retryDefaults, attempts: 0 } }],
    ['the second of ten retries', undefined, { attempts: 2, settings: { ...retryDefaults, attempts: 10 } }],
  ] as const)('says of %s: %s', (_, wanted, rest) => {
    expect(refusalOf(rest)).toBe(wanted);
  });

  it.each([
    [0, 2, undefined],
    [0, 3, 'budget'],
    [15, 3, 'budget'],
    [20, 3, undefined],
    [20, 4, 'budget'],
    [1_000, 199, undefined],
    [1_000, 200, 'budget'],
  ])('with %d requests and %d retries in flight: %s', (inFlight, retries, wanted) => {
    expect(refusalOf({ traffic: { inFlight, retries } })).toBe(wanted);
  });

  it('does not count a request against the budget twice', () => {
    const settings = { ...retryDefaults, attempts: 2 };
    const traffic = { inFlight: 3, retries: 3 };
    expect(refusalOf({ settings, attempts: 2, retrying: true, traffic })).toBeUndefined();
  });
});

describe('isIdempotent', () => {
  it('is true of the methods of RFC 9110 section 9.2.2, by their exact names', () => {
    expect(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'].every(isIdempotent)).toBe(true);
    expect(['POST', 'PATCH', 'get', 'TRACE', 'CONNECT', '', 'PURGE'].some(isIdempotent)).toBe(false);
  });
});
