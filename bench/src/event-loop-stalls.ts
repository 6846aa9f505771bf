import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { waitUntil } from '@headgate/e2e/harness/wait-until';

/** What the environment of a data plane needs so that `longestStall` can be asked. */
export function stallWatch(file: string): Readonly<Record<string, string>> {
  const script = pathToFileURL(join(import.meta.dirname, 'stall-watch.js'));
  return { NODE_OPTIONS: `--import ${script.href}`, BENCH_STALLS: file };
}

/** The longest time that the event loop stood still since the last question, in ms. */
export async function longestStall(pid: number, file: string): Promise<number> {
  await rm(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  return waitUntil('the longest stall is known', async () => {
    const text = await readFile(file, 'utf8');
    return text === '' ? undefined : Number(text);
  });
}
