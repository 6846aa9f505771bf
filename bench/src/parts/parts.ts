import type { Part } from '../part.ts';
import { bigAnswers } from './big-answers.ts';
import { changePropagation } from './change-propagation.ts';
import { changesUnderLoad } from './changes-under-load.ts';
import { fullSnapshot } from './full-snapshot.ts';
import { healthCost } from './health-cost.ts';
import { historyCost } from './history-cost.ts';
import { idleConnections } from './idle-connections.ts';
import { pickCost } from './pick-cost.ts';
import { proxyCost } from './proxy-cost.ts';
import { registrationCost } from './registration-cost.ts';
import { serverCount } from './server-count.ts';
import { sourcePropagation } from './source-propagation.ts';
import { streamFleet } from './stream-fleet.ts';
import { tailLatency } from './tail-latency.ts';
import { threads } from './threads.ts';

/** Every part, in the order of the page. */
export const parts: readonly Part[] = [
  proxyCost,
  bigAnswers,
  tailLatency,
  serverCount,
  pickCost,
  healthCost,
  threads,
  idleConnections,
  changePropagation,
  sourcePropagation,
  changesUnderLoad,
  fullSnapshot,
  streamFleet,
  registrationCost,
  historyCost,
];
