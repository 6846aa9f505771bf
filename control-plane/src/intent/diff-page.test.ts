import type { ObjectChange } from '../store/store.ts';
import { diffDocuments } from './diff-documents.ts';
import { diffPage } from './diff-page.ts';

const added = (name: string, document: unknown = {}): ObjectChange => ({ kind: 'host', name, after: document });

describe('a semantic diff', () => {
  const changes: readonly ObjectChange[] = [
    { kind: 'server', name: 'web/10.0.0.1:80', before: { port: 80 }, after: { port: 80, weight: 2 } },
    { kind: 'backend', name: 'web', before: { name: 'web' }, after: { name: 'web' } },
    { kind: 'host', name: 'a', before: { host: 'a' } },
    { kind: 'backend', name: 'api', after: { name: 'api' } },
  ];

  it('has what was added, removed and changed by kind and name, and nothing that stayed equal', () => {
    expect(diffDocuments(changes)).toEqual([
      { kind: 'backend', name: 'api', change: 'added', after: { name: 'api' } },
      { kind: 'host', name: 'a', change: 'removed', before: { host: 'a' } },
      { kind: 'server', name: 'web/10.0.0.1:80', change: 'changed', fields: [{ pointer: '/weight', after: 2 }] },
    ]);
  });

  it('is counted as a whole and shown in pages', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const all = names.map((name) => added(name));
    const seen: string[] = [];
    let page = diffPage(all, { limit: 2 });
    const truncated = [page.truncated];
    seen.push(...page.items.map(({ name }) => name));
    while (page.next !== undefined) {
      page = diffPage(all, { limit: 2, after: page.next });
      expect(page.counts.host).toEqual({ added: 5, changed: 0, removed: 0 });
      seen.push(...page.items.map(({ name }) => name));
      truncated.push(page.truncated);
    }
    expect(seen).toEqual(names);
    expect(truncated).toEqual([3, 1, 0]);
  });

  it('ends a page early when objects are large, and never without one', () => {
    const large = { text: 'x'.repeat(3 * 1024 * 1024) };
    const huge = { text: 'x'.repeat(5 * 1024 * 1024) };
    const page = diffPage([added('a', large), added('b', large), added('c', large)], { limit: 100 });
    expect(page).toMatchObject({ items: [{ name: 'a' }], truncated: 2, next: 'host/a' });
    expect(diffPage([added('a', huge)], { limit: 100 })).toMatchObject({ items: [{ name: 'a' }], truncated: 0 });
  });
});
