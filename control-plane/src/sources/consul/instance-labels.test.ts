import { instanceLabels } from './instance-labels.ts';

describe('instanceLabels', () => {
  it('takes meta first, then tags, which may name a value', () => {
    const labels = instanceLabels({
      meta: { version: '3', rack: 'r7' },
      tags: ['primary', 'version=2', 'tier=a=b', 'e='],
    });
    expect(labels).toEqual({ version: '3', rack: 'r7', primary: 'true', tier: 'a=b', e: '' });
  });

  it('leaves out what cannot be a label', () => {
    const meta = { 'a b': '1', long: 'x'.repeat(257), umlaut: 'ä', line: 'a\nb', fine: '1' };
    const tags = ['traefik.rule=Host(`a`)', '__proto__', 'Host(`a`)', ''];
    expect(instanceLabels({ meta, tags })).toEqual({ fine: '1', 'traefik.rule': 'Host(`a`)' });
  });

  it('takes the first sixteen by name, whatever the order', () => {
    const names = Array.from({ length: 20 }, (_, index) => `tag-${String(index).padStart(2, '0')}`);
    const labels = instanceLabels({ meta: {}, tags: names.toReversed() });
    expect(Object.keys(labels)).toEqual(names.slice(0, 16));
  });
});
