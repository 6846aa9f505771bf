import fc from 'fast-check';
import type { Host } from '../model/host.ts';
import { HostTable } from './host-table.ts';

function hostOf(pattern: string, backend = 'web'): Host {
  return { pattern, routes: [{ backend }] };
}

function tableOf(...patterns: string[]): HostTable {
  const draft = HostTable.empty().edit();
  for (const pattern of patterns) draft.set(hostOf(pattern));
  return draft.done();
}

function patternFor(table: HostTable, authority: string): string | undefined {
  return table.find(authority)?.host.pattern;
}

/** The rule word by word. */
function naivePattern(patterns: ReadonlySet<string>, authority: string): string | undefined {
  if (patterns.has(authority) && !authority.startsWith('*')) return authority;
  const wildcards = [...patterns].filter((pattern) => pattern.startsWith('*.') && authority.endsWith(pattern.slice(1)));
  const longest = wildcards
    .filter((pattern) => authority.length > pattern.length - 1)
    .sort((a, b) => b.length - a.length)[0];
  return longest ?? (patterns.has('*') ? '*' : undefined);
}

const name = fc
  .array(fc.constantFrom('a', 'b', 'example', 'com'), { minLength: 1, maxLength: 4 })
  .map((labels) => labels.join('.'));
const pattern = fc.oneof(
  name,
  name.map((parent) => `*.${parent}`),
  fc.constant('*'),
);

describe('HostTable', () => {
  const table = tableOf('app.example.com', '*.example.com', '*.eu.example.com', '*', '[::1]', '10.0.0.1');

  it.each([
    ['app.example.com', 'app.example.com'],
    ['other.example.com', '*.example.com'],
    ['deep.app.example.com', '*.example.com'],
    ['x.eu.example.com', '*.eu.example.com'],
    ['y.x.eu.example.com', '*.eu.example.com'],
    ['eu.example.com', '*.example.com'],
    ['example.com', '*'],
    ['notexample.com', '*'],
    ['[::1]', '[::1]'],
    ['10.0.0.1', '10.0.0.1'],
    ['', '*'],
  ])('finds for %s the host %s', (authority, expected) => {
    expect(patternFor(table, authority)).toBe(expected);
  });

  it('finds nothing without a default', () => {
    const small = tableOf('app.example.com', '*.example.com');
    expect([patternFor(small, 'example.com'), patternFor(small, ''), patternFor(HostTable.empty(), 'a')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('finds what the rule read word by word finds', () => {
    fc.assert(
      fc.property(fc.uniqueArray(pattern), name, (patterns, authority) => {
        expect(patternFor(tableOf(...patterns), authority)).toBe(naivePattern(new Set(patterns), authority));
      }),
      { numRuns: 2_000 },
    );
  });

  it('holds after any edits what a map would hold, and leaves the tables before alone', () => {
    const change = fc.tuple(fc.boolean(), pattern, fc.constantFrom('web', 'api'));
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 4 }), (edits) => {
        const expected = new Map<string, Host>();
        const history: [HostTable, Host[]][] = [];
        let current = HostTable.empty();
        for (const changes of edits) {
          const draft = current.edit();
          for (const [isSet, key, backend] of changes) {
            if (isSet) {
              draft.set(hostOf(key, backend));
              expected.set(key, hostOf(key, backend));
            } else {
              expect(draft.delete(key)).toBe(expected.delete(key));
            }
            expect(draft.get(key)?.host).toEqual(expected.get(key));
          }
          current = draft.done();
          history.push([current, [...expected.values()]]);
        }
        for (const [past, hosts] of history) {
          const byPattern = (a: Host, b: Host) => (a.pattern < b.pattern ? -1 : 1);
          expect([...past.hosts()].sort(byPattern)).toEqual([...hosts].sort(byPattern));
          expect(past.size).toBe(hosts.length);
          for (const host of hosts) expect(past.get(host.pattern)?.host).toEqual(host);
        }
      }),
    );
  });

  it('keeps the compiled host when another one changes', () => {
    const draft = table.edit();
    draft.set(hostOf('new.example.com'));
    expect(draft.done().find('app.example.com')).toBe(table.find('app.example.com'));
  });

  it('asks for no suffix when there is no wildcard', () => {
    const exact = tableOf('a.example.com');
    const slice = jest.spyOn(String.prototype, 'slice');
    exact.find('x.y.z.example.com');
    const slices = slice.mock.calls.length;
    slice.mockRestore();
    expect(slices).toBe(0);
  });
});
