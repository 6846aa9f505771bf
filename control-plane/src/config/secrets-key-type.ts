import type { SettingType } from '@headgate/shared/config/setting-types';

const BYTES = 32;

/** 32 bytes in hexadecimal digits or base64 (either alphabet, padded or not). No message shows anything of it. */
export const secretsKeyType: SettingType<Buffer> = {
  placeholder: '<key>',
  parse: (text) => {
    const bytes = /^[0-9a-fA-F]{64}$/.test(text) ? Buffer.from(text, 'hex') : bytesOfBase64(text);
    if (bytes?.length === BYTES) return { ok: true, value: bytes };
    const fix =
      'write 32 random bytes as base64 or as 64 hexadecimal digits, for example what openssl rand -base64 32 prints';
    return { ok: false, problem: 'is not a key', fix };
  },
};

function bytesOfBase64(text: string): Buffer | undefined {
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
