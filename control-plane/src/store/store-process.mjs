// A process of its own that writes to a store, for tests that kill it, lock it out or take away its disk.
// Usage: store-process.mjs <data directory>. Prints `open <revision>`, or the name of the error, and then answers each
// line on its standard input:
//   commit <bytes>   commits an object of that size: `ok <revision>` or the name of the error
//   forever          commits small objects until it is killed: `ok <revision>` after each acknowledgement
//   check            `true` or `false`
import { writeSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { SqliteStore } from './sqlite-store.ts';

const clock = { now: () => Date.now(), monotonic: () => performance.now(), after: () => () => undefined };
// Synchronous, so that an acknowledgement is out before the next commit begins.
const say = (line) => writeSync(1, `${line}\n`);

const store = await SqliteStore.open({ dataDir: process.argv[2], clock }).catch((error) => {
  say(error.name);
  process.exit(1);
});
let { revision } = await store.load();
say(`open ${revision}`);

async function commit(bytes) {
  const object = { kind: 'host', name: `k${revision + 1}`, after: { text: 'x'.repeat(bytes) } };
  ({ revision } = await store.commit(revision, { objects: [object], author: 'process', message: '' }));
  say(`ok ${revision}`);
}

async function obey(command, argument) {
  if (command === 'commit') await commit(Number(argument));
  if (command === 'check') say(String((await store.check()).ok));
  while (command === 'forever') await commit(10);
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    await obey(...line.split(' '));
  } catch (error) {
    say(error.name);
  }
}
