import { reportFailure } from './report-failure.ts';

describe('a failing program', () => {
  afterEach(() => {
    process.exitCode = undefined;
    jest.restoreAllMocks();
  });

  it('says what, every reason and every way out, and sets the exit code', () => {
    const written: string[] = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    const fault = { pointer: '/port', code: 'invalid_value', detail: '70000 is not a port', fix: 'use 1 to 65535' };
    reportFailure({ program: 'headgate', what: 'the settings are not valid', faults: [fault, fault], exitCode: 2 });
    const line = '  70000 is not a port: use 1 to 65535\n';
    expect(written.join('')).toBe(`headgate: the settings are not valid\n${line}${line}`);
    expect(process.exitCode).toBe(2);
  });
});
