import { randomBytes } from 'node:crypto';
import { secretsKeyType } from './secrets-key-type.ts';

const key = randomBytes(32);

describe('a key for secrets', () => {
  it.each(['hex', 'base64', 'base64url'] as const)('is 32 bytes in %s', (encoding) => {
    expect(secretsKeyType.parse(key.toString(encoding))).toEqual({ ok: true, value: key });
  });

  it.each([
    '',
    'short',
    key.subarray(1).toString('hex'),
    key.subarray(1).toString('base64'),
    `${key.toString('hex')}00`,
    'x'.repeat(64),
  ])('is not "%s", and the fault shows nothing of it', (text) => {
    const parsed = secretsKeyType.parse(text);
    expect(parsed).toMatchObject({ ok: false, problem: 'is not a key' });
    if (text !== '') expect(JSON.stringify(parsed)).not.toContain(text);
  });
});
