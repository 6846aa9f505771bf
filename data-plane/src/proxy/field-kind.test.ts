import { fieldKind } from './field-kind.ts';

describe('fieldKind', () => {
  it('knows fields in any case', () => {
    for (const name of ['Keep-Alive', 'keep-alive', 'KEEP-ALIVE', 'kEEP-aLIVE'])
      expect(fieldKind(name)).toBe('hop_by_hop');
    expect(fieldKind('TRANSFER-encoding')).toBe('transfer_encoding');
  });

  it('takes every X-Forwarded field for one that proxies write', () => {
    expect([fieldKind('X-Forwarded-For'), fieldKind('x-forwarded-anything'), fieldKind('Forwarded')]).toEqual(
      Array(3).fill('forwarded'),
    );
  });

  it.each(['x_forwarded_for', 'X_Real_IP', 'X-Forwarded_Proto', 'Content_Length', 'transfer_encoding', 'x_request_id'])(
    'sees that %s is an alias of a field that counts',
    (name) => {
      expect(fieldKind(name)).toBe('alias');
    },
  );

  it('leaves other fields with underscores alone', () => {
    expect(fieldKind('my_own_field')).toBe('plain');
  });

  it('gives the same answer when its memory is full', () => {
    for (let index = 0; index < 5_000; index++) fieldKind(`x-flood-${index}`);
    expect(fieldKind('pRoXy-CoNnEcTiOn')).toBe('hop_by_hop');
    expect(fieldKind('x-flood-4999')).toBe('plain');
  });
});
