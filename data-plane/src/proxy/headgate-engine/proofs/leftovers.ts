import { eventually } from '../../conformance/eventually.ts';
import type { RunningForwarder } from '../../conformance/fixture.ts';

/** What a forwarder holds and counts although nobody asks it for anything any more; empty when it holds nothing. */
export async function leftovers(forwarder: RunningForwarder): Promise<readonly string[]> {
  await eventually(() => held(forwarder).length === 0, 'nothing to be held').catch(() => undefined);
  return [...held(forwarder), ...forwarder.breaches];
}

function held({ open, inFlight, exchangesOpen, metrics }: RunningForwarder): readonly string[] {
  const counts = {
    ...{ connections: open.connections, tunnels: open.tunnels, inFlight, exchangesOpen },
    ...{ 'metrics.inFlight': metrics.inFlight, 'metrics.connections': metrics.connections },
    'metrics.tunnels': metrics.tunnels,
  };
  return Object.entries(counts).flatMap(([name, count]) => (count === 0 ? [] : [`${name}: ${count}`]));
}
