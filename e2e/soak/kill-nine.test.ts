import { describeKillNine } from '../test/kill-nine.cases.ts';

// `make soak` gives the seed, and prints it, so that a failure can be had again.
describeKillNine({ rounds: 100, seed: Number(process.env['SEED'] ?? 1) });
