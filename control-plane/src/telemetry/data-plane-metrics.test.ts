import { Registry } from 'prom-client';
import { TestFleet } from '../fleet/fleet.cases.ts';
import { registerDataPlaneMetrics } from './data-plane-metrics.ts';

describe('the metrics of single data planes', () => {
  function measured(most?: number): { readonly fleet: TestFleet; readonly text: () => Promise<string> } {
    const fleet = new TestFleet({ rememberGoneMs: 60_000 });
    const registry = new Registry();
    const { register, clock } = fleet;
    registerDataPlaneMetrics(registry, { register, clock, ...(most === undefined ? {} : { most }) });
    return { fleet, text: () => registry.metrics() };
  }

  it('tell version and lag of each', async () => {
    const { fleet, text } = measured();
    fleet.join('a', 1);
    fleet.join('b', 1);
    fleet.history.putBackend('x');
    fleet.ack('a', 2);
    fleet.clock.advance(1_500);
    expect(await text()).toContain('headgate_data_plane_version{data_plane="a"} 2');
    expect(await text()).toContain('headgate_data_plane_version{data_plane="b"} 1');
    expect(await text()).toContain('headgate_data_plane_lag_seconds{data_plane="a"} 0');
    expect(await text()).toContain('headgate_data_plane_lag_seconds{data_plane="b"} 1.5');
  });

  it('tell of one that serves another history since when it does not follow', async () => {
    const { fleet, text } = measured();
    fleet.join('a', 0, { held: { epoch: 'other', version: 9 } });
    fleet.clock.advance(3_000);
    expect(await text()).toContain('headgate_data_plane_lag_seconds{data_plane="a"} 3');
  });

  it('go when the data plane is forgotten', async () => {
    const { fleet, text } = measured();
    fleet.join('a', 1);
    fleet.register.left('a');
    fleet.clock.advance(59_999);
    expect(await text()).toContain('data_plane="a"');
    fleet.clock.advance(1);
    expect(await text()).not.toContain('data_plane="a"');
  });

  it('are of a bounded number, those that are connected first', async () => {
    const { fleet, text } = measured(2);
    for (const id of ['a', 'b', 'c']) fleet.join(id, 1);
    fleet.register.left('a');
    const ids = [...(await text()).matchAll(/^headgate_data_plane_version\{data_plane="(\w)"/gm)].map(([, id]) => id);
    expect(ids.sort()).toEqual(['b', 'c']);
  });
});
