import { createRequestIds, isRequestId } from './request-id.ts';

describe('createRequestIds', () => {
  it('makes ids that differ, within a process and between two', () => {
    const [one, two] = [createRequestIds(), createRequestIds()];
    const ids = Array.from({ length: 1_000 }, () => [one(), two()]).flat();
    expect(new Set(ids).size).toBe(2_000);
    expect(ids.every(isRequestId)).toBe(true);
  });
});

describe('isRequestId', () => {
  it.each(['', 'a b', 'a\nb', 'x'.repeat(129), 'caf\u00e9'])('refuses %j', (text) => {
    expect(isRequestId(text)).toBe(false);
  });
});
