import { Gauge, type Registry } from 'prom-client';
import type { FleetLoad } from '../fleet/fleet-load.ts';

/** Registers gauges of what the fleet has in flight. There may be very many servers: none has a series of its own. */
export function registerFleetLoadMetrics(registry: Registry, load: Pick<FleetLoad, 'total' | 'size'>): void {
  const registers = [registry];
  new Gauge({
    name: 'headgate_fleet_in_flight_requests',
    help: 'Requests and tunnels in flight at servers over all connected data planes, as they last said',
    registers,
    collect() {
      this.set(load.total);
    },
  });
  new Gauge({
    name: 'headgate_fleet_busy_servers',
    help: 'Servers at which a connected data plane has requests or tunnels in flight, as they last said',
    registers,
    collect() {
      this.set(load.size);
    },
  });
}
