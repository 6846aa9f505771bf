import { checkDelete, checkPut, type Precondition } from './precondition.ts';
import { failureOf } from './intent-fixture.cases.ts';

const present = { title: 'backend web', revision: 7 };
const absent = { title: 'backend web', revision: undefined };

describe('a precondition', () => {
  it.each<Precondition>([{}, { ifMatch: '*' }, { ifMatch: [7] }, { ifMatch: [3, 7] }])(
    'lets %j pass at revision 7',
    (condition) => {
      expect(() => checkPut(present, condition)).not.toThrow();
      expect(() => checkDelete(present, condition)).not.toThrow();
    },
  );

  it.each<Precondition>([{ ifMatch: [] }, { ifMatch: [6, 8] }, { ifNoneMatch: '*' }])(
    'refuses %j at revision 7, which it names',
    (condition) => {
      for (const check of [checkPut, checkDelete]) {
        const { code, message } = failureOf(() => check(present, condition));
        expect(code).toBe('HEADGATE_STALE');
        expect(message).toContain('the backend web is at ETag "7"');
      }
    },
  );

  it.each<Precondition>([{ ifMatch: '*' }, { ifMatch: [7] }, { ifMatch: [] }])(
    'refuses %j for what does not exist',
    (condition) => {
      for (const check of [checkPut, checkDelete]) {
        const { code, message } = failureOf(() => check(absent, condition));
        expect([code, message]).toEqual(['HEADGATE_STALE', expect.stringContaining('does not exist')]);
      }
    },
  );

  it('lets a put create what does not exist', () => {
    for (const condition of [{}, { ifNoneMatch: '*' }, { mustBeNew: true }] as const) {
      expect(() => checkPut(absent, condition)).not.toThrow();
    }
  });

  it('refuses to create what exists', () => {
    expect(failureOf(() => checkPut(present, { mustBeNew: true })).code).toBe('HEADGATE_ALREADY_EXISTS');
  });

  it('refuses to delete what does not exist', () => {
    expect(failureOf(() => checkDelete(absent, {})).code).toBe('HEADGATE_NOT_FOUND');
  });
});
