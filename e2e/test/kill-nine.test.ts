import { describeKillNine } from './kill-nine.cases.ts';

describeKillNine({ rounds: 10, seed: 1 });
