import { FakeDataPlane } from './fake-data-plane.ts';
import type { FleetOrder, FleetState } from './fleet-messages.ts';
import { nothingHeld } from './held.ts';

/** Streams that are opened in one go: a fleet does not start all of its machines in the same millisecond. */
const AT_ONCE = 50;
const planes: FakeDataPlane[] = [];

/** A process full of fake data planes. It is told what to do by messages, and answers them. */
process.on('message', (order: FleetOrder) => {
  if (order.order === 'join') void join(order);
  else process.send?.(stateAt(order.version));
});

/** The first that ever joins gets a full snapshot; those after it say that they hold the same, as after a restart. */
async function join(order: Extract<FleetOrder, { order: 'join' }>): Promise<void> {
  const { address, joinToken } = order;
  for (let joined = 0; joined < order.count; joined++) {
    const held = planes[0]?.held ?? nothingHeld;
    const plane = new FakeDataPlane({ address, joinToken, id: `fake-${process.pid}-${planes.length}`, held });
    planes.push(plane);
    plane.connect();
    while (planes[0]!.held.version === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    if (joined % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function stateAt(version: number): FleetState {
  const standing = planes.filter((plane) => plane.standing);
  return {
    standing: standing.length,
    holding: standing.filter(({ held }) => held.version >= version).length,
    updates: planes.reduce((sum, plane) => sum + plane.updates, 0),
    bytes: planes.reduce((sum, plane) => sum + plane.bytes, 0),
  };
}
