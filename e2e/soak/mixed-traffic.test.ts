import { parseDuration } from '@headgate/shared/model/duration';
import { describeMixedTraffic } from '../test/mixed-traffic.cases.ts';

// `make soak` gives the seed, and prints it, so that a failure can be had again.
describeMixedTraffic({
  durationMs: parseDuration(process.env['DURATION'] ?? '20m')!,
  seed: Number(process.env['SEED'] ?? 1),
  maxGrowth: 0.1,
  report: (text) => void process.stdout.write(`${text}\n`),
});
