import { algorithms, type Algorithm } from '@headgate/shared/model/balance';
import type { Part } from '../part.ts';
import { PoolOfServers } from '../picking/pool-of-servers.ts';
import { figure } from '../report/figure.ts';
import type { Findings, Table } from '../report/section.ts';

const SERVERS = [10, 1_000, 10_000];
const ROUND_MS = 100;
/** Between two looks at the clock. */
const PICKS = 64;

interface PickFigures {
  readonly algorithm: Algorithm;
  readonly servers: number;
  /** One choice, all weights 1 / weights from 1 to 10. */
  readonly equalNs: number;
  readonly unequalNs: number;
  /** The picker of a backend that has just come, and of one that has lost one server, weights from 1 to 10. */
  readonly newMs: number;
  readonly changedMs: number;
}

/** What it costs to choose a server, and to make what servers are chosen by. */
export const pickCost: Part = {
  name: 'pick-cost',
  title: 'What choosing a server costs',
  run: ({ rounds }) => Promise.resolve(measure(rounds)),
};

function measure(rounds: number): Findings {
  const costs = algorithms.flatMap((algorithm) => SERVERS.map((servers) => costOf(algorithm, servers, rounds)));
  return {
    method: `One process, no connections: the oldest of two requests per server ends, and a server is picked for another one of 65,536 clients; both are counted. The fastest of ${rounds} rounds of ${ROUND_MS} ms. Nanoseconds with equal weights / with weights from 1 to 10. The second table: milliseconds to compile the picker of a new backend / after one server has left.`,
    goals: [],
    tables: [
      tableOf(costs, ({ equalNs, unequalNs }) => `${figure(equalNs)} / ${figure(unequalNs)} ns`),
      tableOf(costs, ({ newMs, changedMs }) => `${figure(newMs)} / ${figure(changedMs)} ms`),
    ],
  };
}

function costOf(algorithm: Algorithm, servers: number, rounds: number): PickFigures {
  const equal = new PoolOfServers({ algorithm, servers, weightOf: () => 1 });
  const unequal = new PoolOfServers({ algorithm, servers, weightOf: (index) => 1 + ((index * 7) % 10) });
  return {
    algorithm,
    servers,
    equalNs: least(rounds, () => nanosecondsPerTurn(equal)),
    unequalNs: least(rounds, () => nanosecondsPerTurn(unequal)),
    newMs: least(rounds, () => millisecondsOf(() => unequal.compile())),
    changedMs: least(rounds, () => millisecondsOf(() => unequal.recompile())),
  };
}

function nanosecondsPerTurn(pool: PoolOfServers): number {
  const began = performance.now();
  let turns = 0;
  let passedMs = 0;
  while (passedMs < ROUND_MS) {
    for (let pick = 0; pick < PICKS; pick++) pool.turn();
    turns += PICKS;
    passedMs = performance.now() - began;
  }
  return (passedMs * 1e6) / turns;
}

function millisecondsOf(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

/** Whatever else the machine does only makes a round slower. */
function least(rounds: number, measureOnce: () => number): number {
  return Math.min(...Array.from({ length: rounds }, measureOnce));
}

function tableOf(costs: readonly PickFigures[], show: (cost: PickFigures) => string): Table {
  const head = ['', ...SERVERS.map((servers) => `${servers.toLocaleString('en')} servers`)];
  const rows = algorithms.map((algorithm) => [
    `\`${algorithm}\``,
    ...costs.filter((cost) => cost.algorithm === algorithm).map(show),
  ]);
  return { head, rows };
}
