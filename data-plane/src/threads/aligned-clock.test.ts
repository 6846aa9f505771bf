import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { join } from 'node:path';
import { alignedClock } from './aligned-clock.ts';
import { performanceOrigin } from './performance-origin.ts';

describe('the clock of a thread', () => {
  it('goes on where that of the main thread is, however late the thread began', async () => {
    const program = `const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.path).then(({ alignedClock }) => {
        parentPort.postMessage([performance.now(), alignedClock(workerData.origin).monotonic()]);
      });`;
    const path = join(import.meta.dirname, 'aligned-clock.ts');
    const clock = alignedClock(performanceOrigin());
    const before = clock.monotonic();
    const worker = new Worker(program, { eval: true, env: {}, workerData: { path, origin: performanceOrigin() } });
    const [[own, aligned]] = (await once(worker, 'message')) as [[number, number]];
    expect(aligned).toBeGreaterThanOrEqual(before - 1);
    expect(aligned).toBeLessThanOrEqual(clock.monotonic() + 1);
    expect(own).toBeLessThan(aligned);
    await worker.terminate();
  });
});
