import type { PlannedChange } from './planned-change.ts';
import { changeGuard } from './change-guard.ts';
import { configuration, stateOf } from './intent-fixture.cases.ts';
import { planPutConfiguration } from './plan-put-configuration.ts';

/** Backends of one server each, the first `hosts` of which are named by a host each. */
function fleet(backends: number, hosts: number): { backends: unknown[]; hosts: unknown[] } {
  const indices = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
  return {
    backends: indices(backends).map((index) => ({ name: `b${index}`, servers: [{ address: '10.0.0.1', port: 80 }] })),
    hosts: indices(hosts).map((index) => ({ host: `h${index}.test`, backend: `b${index % backends}` })),
  };
}

function codes(before: unknown, after: unknown): readonly string[] {
  const state = stateOf(before);
  const { objects }: PlannedChange = planPutConfiguration(state, configuration(after));
  return changeGuard(state, objects).map(({ code }) => code);
}

describe('the change guard', () => {
  it('holds the removal of more than half of ten or more hosts', () => {
    expect(codes(fleet(1, 10), fleet(1, 5))).toEqual([]);
    expect(codes(fleet(1, 10), fleet(1, 4))).toEqual(['removes_most_hosts']);
    expect(codes(fleet(1, 9), fleet(1, 0))).toEqual([]);
  });

  it('holds the removal of more than half of ten or more servers', () => {
    expect(codes(fleet(10, 0), fleet(5, 0))).toEqual([]);
    expect(codes(fleet(10, 0), fleet(4, 0))).toEqual(['removes_most_servers']);
    expect(codes(fleet(9, 0), { backends: [], hosts: [] })).toEqual([]);
  });

  it('counts those that come back under another name as removed', () => {
    const { backends, hosts } = fleet(1, 10);
    const renamed = hosts.map((_, index) => ({ host: `new${index}.test`, backend: 'b0' }));
    expect(codes({ backends, hosts }, { backends, hosts: renamed })).toEqual(['removes_most_hosts']);
  });

  it('gives every reason at once', () => {
    expect(codes(fleet(10, 10), { backends: [], hosts: [] })).toEqual(['removes_most_hosts', 'removes_most_servers']);
  });

  it('lets a change pass that only adds', () => {
    expect(codes({ backends: [], hosts: [] }, fleet(20, 20))).toEqual([]);
  });

  describe('about a backend that loses its last server', () => {
    const web = (servers: readonly string[], hosts: readonly string[] = ['h.test']): unknown => ({
      backends: [{ name: 'web', servers: servers.map((address) => ({ address, port: 80 })) }, { name: 'api' }],
      hosts: hosts.map((host) => ({ host, backend: 'web' })),
    });

    it.each<[string, unknown, unknown, readonly string[]]>([
      ['holds it while a host names it', web(['10.0.0.1', '10.0.0.2']), web([]), ['empties_backend']],
      ['lets one server of two go', web(['10.0.0.1', '10.0.0.2']), web(['10.0.0.1']), []],
      ['lets its only server be replaced', web(['10.0.0.1']), web(['10.0.0.2']), []],
      ['holds nothing when nobody names it', web(['10.0.0.1'], []), web([], []), []],
      ['holds nothing when its last host goes too', web(['10.0.0.1']), web([], []), []],
      ['holds it when its first host comes along', web(['10.0.0.1'], []), web([]), ['empties_backend']],
      ['holds nothing when it had none', web([]), web([], ['h.test', 'i.test']), []],
      ['holds nothing when the backend goes as a whole', web(['10.0.0.1']), { backends: [], hosts: [] }, []],
    ])('%s', (_, before, after, expected) => {
      expect(codes(before, after)).toEqual(expected);
    });
  });
});
