import { randomBytes } from 'node:crypto';
import { openValue, sealValue } from './sealed-value.ts';
import { secretsKey } from './secrets-key.ts';

const key = secretsKey(randomBytes(32));
const other = secretsKey(randomBytes(32));
const value = Buffer.from('the value');

describe('a sealed value', () => {
  it('opens by its key, current or previous', () => {
    const sealed = sealValue(key, 'name', value);
    expect(sealed.bytes.includes(value)).toBe(false);
    expect(openValue({ current: key }, 'name', sealed)).toEqual({ ok: true, value });
    expect(openValue({ current: other, previous: key }, 'name', sealed)).toEqual({ ok: true, value });
  });

  it('is another one each time', () => {
    const seals = [sealValue(key, 'name', value), sealValue(key, 'name', value)];
    expect(seals[0]!.nonce.equals(seals[1]!.nonce)).toBe(false);
    expect(seals[0]!.bytes.equals(seals[1]!.bytes)).toBe(false);
  });

  it('does not open by another key, or by none', () => {
    const sealed = sealValue(key, 'name', value);
    for (const keys of [{}, { current: other }, { current: other, previous: other }]) {
      expect(openValue(keys, 'name', sealed)).toEqual({ ok: false, reason: 'unknown_key' });
    }
  });

  it('does not open under another name, or after a change of any of its bytes', () => {
    const sealed = sealValue(key, 'name', value);
    const forged = { ok: false, reason: 'forged' };
    expect(openValue({ current: key }, 'other', sealed)).toEqual(forged);
    for (let at = 0; at < sealed.bytes.length; at++) {
      const bytes = Buffer.from(sealed.bytes);
      bytes[at]! ^= 1;
      expect(openValue({ current: key }, 'name', { ...sealed, bytes })).toEqual(forged);
    }
    for (const part of [
      { bytes: sealed.bytes.subarray(0, 8) },
      { nonce: Buffer.alloc(0) },
      { nonce: Buffer.alloc(12) },
    ]) {
      expect(openValue({ current: key }, 'name', { ...sealed, ...part })).toEqual(forged);
    }
  });

  it('is the value itself without a key', () => {
    const sealed = sealValue(undefined, 'name', value);
    expect(sealed).toEqual({ nonce: Buffer.alloc(0), bytes: value });
    expect(openValue({}, 'name', sealed)).toEqual({ ok: true, value });
  });
});
