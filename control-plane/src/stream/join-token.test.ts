import { Metadata } from '@grpc/grpc-js';
import { joinTokenOf } from './join-token.ts';

function metadata(...values: readonly string[]): Metadata {
  const made = new Metadata();
  for (const value of values) made.add('authorization', value);
  return made;
}

describe('the join token of a call', () => {
  it('is its bearer token', () => {
    expect(joinTokenOf(metadata('Bearer secret'))).toBe('secret');
    expect(joinTokenOf(metadata('bearer  secret'))).toBe('secret');
  });

  it.each([[[]], [['Bearer ']], [['secret']], [['Basic secret']], [['Bearer two words']]])(
    'is not there when it comes as %j',
    (values) => {
      expect(joinTokenOf(metadata(...values))).toBeUndefined();
    },
  );

  it('is not there when two are given', () => {
    expect(joinTokenOf(metadata('Bearer secret', 'Bearer secret'))).toBeUndefined();
  });
});
