import { hasOption, namedByConnection } from './connection-options.ts';

describe('namedByConnection', () => {
  it('finds no fields in the usual options', () => {
    expect(namedByConnection(['keep-alive', 'Upgrade, close', 'TE'])).toBeUndefined();
  });

  it('finds named fields over several lines, in any case', () => {
    expect(namedByConnection(['X-One, keep-alive', ' x-TWO ,'])).toEqual(new Set(['x-one', 'x-two']));
  });

  it.each(['Host', 'Content-Length', 'X-Forwarded-For', 'X-Real-IP', 'X-Request-Id', 'Via'])(
    'lets nobody strip %s, which the proxy answers for',
    (name) => {
      expect(namedByConnection([name])).toBeUndefined();
    },
  );
});

describe('hasOption', () => {
  it('compares whole options', () => {
    expect(hasOption('keep-alive, Upgrade', 'upgrade')).toBe(true);
    expect(hasOption('upgrade-insecure', 'upgrade')).toBe(false);
  });
});
