import type { Checked, Fault } from '@headgate/shared/model/fault';

const MAX_BYTES = 64 * 1024;

/**
 * The value of a secret as a caller writes it: `value`, a text that is stored in UTF-8, or `valueBase64`, bytes in
 * base64 (RFC 4648, 4, padded); 1 byte to 64 KiB. No fault shows anything of the content, misspelled names included.
 */
export function parseSecretValue(content: unknown): Checked<Buffer> {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return faulty(notAnObject);
  const { value, valueBase64, ...others } = content as Record<string, unknown>;
  if (Object.keys(others).length > 0) return faulty(unknownMembers);
  if ((value === undefined) === (valueBase64 === undefined)) return faulty(notOne);
  return value === undefined ? parseBase64(valueBase64) : parseText(value);
}

function parseText(value: unknown): Checked<Buffer> {
  const pointer = '/value';
  if (typeof value !== 'string') return faulty(fault(pointer, 'wrong_type', 'it is no text', 'write a JSON string'));
  if (!value.isWellFormed())
    return faulty(fault(pointer, 'not_unicode', 'it holds half a surrogate pair', 'send bytes as valueBase64'));
  return sized(pointer, Buffer.from(value));
}

function parseBase64(value: unknown): Checked<Buffer> {
  const pointer = '/valueBase64';
  const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : undefined;
  // Node skips what is no base64; only what it writes in turn is all of what was read.
  if (bytes === undefined || bytes.toString('base64') !== value)
    return faulty(
      fault(pointer, 'not_base64', 'it is no base64', 'encode it by RFC 4648 with padding, without line breaks'),
    );
  return sized(pointer, bytes);
}

function sized(pointer: string, bytes: Buffer): Checked<Buffer> {
  if (bytes.length === 0)
    return faulty(fault(pointer, 'too_short', 'it is empty', 'write at least one byte, or delete the secret'));
  if (bytes.length > MAX_BYTES)
    return faulty(fault(pointer, 'too_long', `it has more than ${MAX_BYTES} bytes`, 'split it into several secrets'));
  return { ok: true, value: bytes };
}

const notAnObject = fault('', 'wrong_type', 'the content is no object', 'write {"value": "…"}');
const unknownMembers = fault(
  '',
  'unknown_field',
  'there are members beside the value',
  'write value or valueBase64 alone',
);
const notOne = fault('', 'required', 'not exactly one of value and valueBase64 is there', 'write one of them');

function fault(pointer: string, code: string, detail: string, fix: string): Fault {
  return { pointer, code, detail, fix };
}

function faulty(found: Fault): { readonly ok: false; readonly faults: readonly Fault[] } {
  return { ok: false, faults: [found] };
}
