import { formatAccessEntry, loggedPath, type AccessEntry } from './access-entry.ts';

const entry: AccessEntry = {
  startedAtMs: Date.UTC(2026, 0, 2),
  requestId: 'id-1',
  epoch: 'e1',
  version: 7,
  client: '192.0.2.1',
  method: 'GET',
  host: 'a.test',
  path: '/a',
  backend: 'web',
  server: '10.0.0.1:80',
  status: 200,
  reason: '',
  outcome: { kind: 'complete' },
  receivedBytes: 1,
  sentBytes: 2,
  durationMs: 1.23456,
  attempts: 1,
};

describe('formatAccessEntry', () => {
  it('is one line of JSON with everything in it', () => {
    const line = formatAccessEntry(entry);
    expect(line.endsWith('}\n')).toBe(true);
    expect(JSON.parse(line)).toEqual({
      time: '2026-01-02T00:00:00.000Z',
      requestId: 'id-1',
      epoch: 'e1',
      version: 7,
      client: '192.0.2.1',
      method: 'GET',
      host: 'a.test',
      path: '/a',
      backend: 'web',
      server: '10.0.0.1:80',
      status: 200,
      reason: '',
      outcome: 'complete',
      receivedBytes: 1,
      sentBytes: 2,
      durationMs: 1.235,
      attempts: 1,
    });
  });

  it('says why an answer was truncated', () => {
    const line = formatAccessEntry({ ...entry, outcome: { kind: 'truncated', reason: 'idle_timeout' } });
    expect(JSON.parse(line)).toMatchObject({ outcome: 'truncated', cause: 'idle_timeout' });
  });

  it('lets no control character out, and reads back the same', () => {
    const path = '/\u0000\n\r\u001b[31m\u007f\u009b\u2028"';
    const line = formatAccessEntry({ ...entry, path });
    // eslint-disable-next-line no-control-regex -- these are what must not be there
    expect(line.trimEnd()).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/);
    expect(JSON.parse(line)).toMatchObject({ path });
  });

  it('cuts what is too long', () => {
    expect(formatAccessEntry({ ...entry, path: `/${'a'.repeat(9_000)}` }).length).toBeLessThan(3_000);
  });
});

describe('loggedPath', () => {
  it.each([
    ['/a/b?token=secret', '/a/b'],
    ['/a#token', '/a'],
    ['http://user:secret@a.test/b?c', '/b'],
    ['http://user:secret@a.test', ''],
    ['user:secret@a.test:443', ''],
    ['*', '*'],
  ])('shows of %s only %j', (target, path) => {
    expect(loggedPath(target)).toBe(path);
  });
});
