import { parseSecretValue } from './parse-secret-value.ts';

describe('the value of a secret', () => {
  it('is a text in UTF-8, or bytes in base64', () => {
    expect(parseSecretValue({ value: 'ü\0' })).toEqual({ ok: true, value: Buffer.from('ü\0') });
    expect(parseSecretValue({ valueBase64: '/wA=' })).toEqual({ ok: true, value: Buffer.from([255, 0]) });
  });

  it('has 1 byte to 64 KiB', () => {
    expect(parseSecretValue({ value: 'x'.repeat(65_536) })).toMatchObject({ ok: true });
    expect(parseSecretValue({ value: 'ü'.repeat(32_769) })).toMatchObject({ ok: false });
    expect(parseSecretValue({ valueBase64: Buffer.alloc(65_537).toString('base64') })).toMatchObject({ ok: false });
    expect(parseSecretValue({ value: '' })).toMatchObject({ faults: [{ code: 'too_short' }] });
    expect(parseSecretValue({ valueBase64: '' })).toMatchObject({ faults: [{ code: 'too_short' }] });
  });

  it.each<[string, unknown, string]>([
    ['', undefined, 'wrong_type'],
    ['', 'canary', 'wrong_type'],
    ['', ['canary'], 'wrong_type'],
    ['', {}, 'required'],
    ['', { value: 'canary', valueBase64: 'canary' }, 'required'],
    ['', { value: 'x', canary: 'canary' }, 'unknown_field'],
    ['/value', { value: 7 }, 'wrong_type'],
    ['/value', { value: 'canary\ud800' }, 'not_unicode'],
    ['/valueBase64', { valueBase64: 'canary!' }, 'not_base64'],
    ['/valueBase64', { valueBase64: 'Y2FuYXJ5=' }, 'not_base64'],
    ['/valueBase64', { valueBase64: 'Y2Fu\nYXJ5' }, 'not_base64'],
    ['/valueBase64', { valueBase64: '__8=' }, 'not_base64'],
  ])('at "%s" is refused without being shown: %j', (pointer, content, code) => {
    const parsed = parseSecretValue(content);
    expect(parsed).toMatchObject({ ok: false, faults: [{ pointer, code }] });
    expect(JSON.stringify(parsed)).not.toMatch(/canary|Y2Fu/);
  });
});
