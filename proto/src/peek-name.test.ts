import { resolveBackend } from '@headgate/shared/model/backend';
import { resolveServer } from '@headgate/shared/model/server';
import { encodeObject } from './object-codec.ts';
import { peekName } from './peek-name.ts';

function peek(body: Buffer): string | undefined {
  return peekName(body, 0, body.length);
}

describe('looking at the name of an encoded object', () => {
  it('finds what comes first in every kind', () => {
    const server = resolveServer('web', { address: '10.0.0.1', port: 80 });
    expect(peek(encodeObject({ kind: 'backend', value: resolveBackend({ name: 'web' }) }).body)).toBe('web');
    expect(peek(encodeObject({ kind: 'server', value: server }).body)).toBe('web');
    expect(peek(encodeObject({ kind: 'host', value: { pattern: '*.example.com', routes: [] } }).body)).toBe(
      '*.example.com',
    );
  });

  it('finds names of every length that a snapshot has', () => {
    for (const length of [1, 127, 128, 129, 255, 300]) {
      const name = 'n'.repeat(length);
      expect(peek(encodeObject({ kind: 'host', value: { pattern: name, routes: [] } }).body)).toBe(name);
    }
  });

  it('looks only at its part of the bytes', () => {
    const bytes = Buffer.from([9, 0x0a, 2, 0x68, 0x69, 9]);
    expect(peekName(bytes, 1, 5)).toBe('hi');
    expect(peekName(bytes, 1, 4)).toBeUndefined();
  });

  it.each<[string, number[]]>([
    ['nothing', []],
    ['another field first', [0x12, 1, 0x68]],
    ['an empty name', [0x0a, 0]],
    ['a name that ends too late', [0x0a, 5, 0x68]],
    ['a length without an end', [0x0a, 0x80]],
    ['a length of three bytes', [0x0a, 0x80, 0x80, 1, 0x68]],
  ])('says nothing of %s', (_, bytes) => {
    expect(peek(Buffer.from(bytes))).toBeUndefined();
  });
});
