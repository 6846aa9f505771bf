import { Registry } from 'prom-client';
import { HealthStage } from '../fleet/health-stage.cases.ts';
import { registerFleetHealthMetrics } from './fleet-health-metrics.ts';

describe('metrics of the fleet’s health', () => {
  it('count all servers, and those of some backends, the troubled ones first', async () => {
    const stage = new HealthStage();
    for (const name of ['a', 'b', 'c']) stage.backend(name, [1, 2]);
    stage.connect('x', 'y');
    stage.say('x', 'c:1', 'unhealthy');
    const registry = new Registry();
    const intent = {
      get value() {
        return stage.history.intent;
      },
      subscribe: () => () => undefined,
    };
    registerFleetHealthMetrics(registry, { health: stage.health, intent, most: 2 });
    const text = await registry.metrics();
    expect(text).toContain('headgate_fleet_servers{status="healthy"} 5');
    expect(text).toContain('headgate_fleet_servers{status="disputed"} 1');
    expect(text).toContain('headgate_fleet_backend_servers{backend="c",status="disputed"} 1');
    expect(text).toContain('headgate_fleet_backend_servers{backend="a",status="healthy"} 2');
    expect(text).not.toContain('backend="b"');
    expect(text).toContain('headgate_fleet_backends_without_series 1');
  });
});
