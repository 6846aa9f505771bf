import { trailerFields } from './trailer-fields.ts';

describe('trailerFields', () => {
  it('passes fields on as pairs, repeated ones too', () => {
    expect(trailerFields(['X-Sum', '1', 'x-sum', '2'])).toEqual([
      ['X-Sum', '1'],
      ['x-sum', '2'],
    ]);
  });

  it.each([
    'Content-Length',
    'Transfer-Encoding',
    'Host',
    'Authorization',
    'Set-Cookie',
    'X-Forwarded-For',
    'X_Real_IP',
    'Connection',
    'Content-Type',
    'X-Request-Id',
  ])('drops %s, which has no place after the content', (name) => {
    expect(trailerFields([name, 'x'])).toBeUndefined();
  });
});
