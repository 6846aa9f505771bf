import { fieldKind } from '../field-kind.ts';

/** Whether a field, by its name, says where the content of a message ends. */
export function isFramingField(name: string): boolean {
  const kind = fieldKind(name);
  return kind === 'content_length' || kind === 'transfer_encoding';
}
