import { errorCatalogue, HeadgateError, type ErrorCode } from './error.ts';

describe('HeadgateError', () => {
  it('knows the status and title of its code', () => {
    const error = new HeadgateError('HEADGATE_STALE', 'revision 7 is not the newest');
    expect([error.status, error.title, error.message]).toEqual([
      412,
      'It has changed since you read it',
      'revision 7 is not the newest',
    ]);
  });

  it('carries faults and cause', () => {
    const fault = { pointer: '/name', code: 'required', detail: '"name" is missing', fix: 'write one' };
    const cause = new Error('disk');
    const error = new HeadgateError('HEADGATE_INVALID', 'no', { faults: [fault], cause });
    expect([error.faults, error.cause]).toEqual([[fault], cause]);
    expect(new HeadgateError('HEADGATE_INVALID', 'no').faults).toEqual([]);
  });

  it('has only codes of failures', () => {
    for (const [code, { status, title }] of Object.entries(errorCatalogue)) {
      expect(code).toMatch(/^HEADGATE_[A-Z_]+$/);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      expect(title).not.toBe('');
      expect(new HeadgateError(code as ErrorCode, '').status).toBe(status);
    }
  });
});
