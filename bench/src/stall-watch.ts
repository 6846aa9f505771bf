import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * Loaded into a data plane by `--import`: the longest time that its event loop stood still, in ms, is written to the
 * file that BENCH_STALLS names, at SIGUSR2, and is then forgotten.
 */
const RESOLUTION_MS = 1;
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delays.enable();
process.on('SIGUSR2', () => {
  writeFileSync(process.env['BENCH_STALLS']!, String(delays.max / 1_000_000 - RESOLUTION_MS));
  delays.reset();
});
