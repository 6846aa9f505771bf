import { Metadata } from '@grpc/grpc-js';
import { carriesToken } from './join-token.ts';

function metadata(...values: readonly string[]): Metadata {
  const made = new Metadata();
  for (const value of values) made.add('authorization', value);
  return made;
}

describe('the join token', () => {
  it('is known as a bearer token', () => {
    expect(carriesToken(metadata('Bearer secret'), 'secret')).toBe(true);
    expect(carriesToken(metadata('bearer  secret'), 'secret')).toBe(true);
  });

  it.each([[[]], [['Bearer wrong']], [['Bearer secret2']], [['Bearer ']], [['secret']], [['Basic secret']]])(
    'is refused when it comes as %j',
    (values) => {
      expect(carriesToken(metadata(...values), 'secret')).toBe(false);
    },
  );

  it('is refused when two are given', () => {
    expect(carriesToken(metadata('Bearer secret', 'Bearer secret'), 'secret')).toBe(false);
  });
});
