import { request } from 'node:http';
import { waitUntil } from '@headgate/e2e/harness/wait-until';
import type { PinnedProcess } from '../machine/pinned-process.ts';

/** Resolves once the benchmark's request is answered with 200 on this port; rejects when the process ends before. */
export async function answersOn(port: number, process?: PinnedProcess): Promise<void> {
  await waitUntil(`an answer on port ${port}: ${process?.output ?? ''}`, async () => {
    if (process?.ended === true) return true;
    return (await statusOn(port)) === 200;
  });
  if (process?.ended === true) throw new Error(`${process.child.spawnargs.join(' ')} has ended:\n${process.output}`);
}

function statusOn(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/k', headers: { host: 'a.example.com' }, agent: false });
    asked.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', reject);
    asked.end();
  });
}
