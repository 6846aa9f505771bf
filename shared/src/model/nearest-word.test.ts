import { nearestWord } from './nearest-word.ts';

const fields = ['name', 'servers', 'healthCheck', 'timeouts', 'limits', 'via', 'validStatuses'];

describe('nearestWord', () => {
  it.each([
    ['nmae', 'name'],
    ['server', 'servers'],
    ['health_check', 'healthCheck'],
    ['HEALTHCHECK', 'healthCheck'],
    ['healtchek', 'healthCheck'],
    ['validStatus', 'validStatuses'],
    ['timout', 'timeouts'],
    ['vai', 'via'],
  ])('finds behind %s the word %s', (word, nearest) => {
    expect(nearestWord(word, fields)).toBe(nearest);
  });

  it.each(['', 'x', 'v', 'weight', '__proto__', 'sessions', 'q'.repeat(1_000_000)])(
    'finds nothing behind %.20s',
    (word) => {
      expect(nearestWord(word, fields)).toBeUndefined();
    },
  );

  it('takes the nearest of several, and among equals the first', () => {
    expect(nearestWord('backend-1', ['backend-2', 'backend1', 'backend-3'])).toBe('backend1');
    expect(nearestWord('backend-1', ['backend-2', 'backend-3'])).toBe('backend-2');
  });
});
