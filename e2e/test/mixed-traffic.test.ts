import { describeMixedTraffic } from './mixed-traffic.cases.ts';

// A process that has just begun still grows; `make soak` holds it to less, for longer.
describeMixedTraffic({ durationMs: 20_000, seed: 1, maxGrowth: 0.5 });
