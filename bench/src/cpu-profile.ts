import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wrk, type WrkOptions } from './load/wrk.ts';
import { oneHost } from './peers/headgate-site.ts';
import type { Stage } from './peers/stage.ts';
import { figure } from './report/figure.ts';
import type { Table } from './report/section.ts';

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface ProfileEntry {
  readonly where: string;
  /** Of the time that was not idle. */
  readonly percent: number;
}

const SECONDS = 6;
const ENTRIES = 14;

/** Where the time of a data plane goes under this load. It is one of its own: profiling costs, too. */
export async function profileUnder(stage: Stage, load: Omit<WrkOptions, 'port'>): Promise<Table> {
  const directory = await mkdtemp(join(tmpdir(), 'headgate-profile-'));
  const env = { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${directory}` };
  try {
    const planes = [{ name: 'profiled', engine: 'headgate', env }] as const;
    const site = await stage.site({ configuration: oneHost(stage.origin.endpoints), planes });
    await wrk({ port: site.plane('profiled').port, seconds: SECONDS, ...load });
    await site.plane('profiled').stop('SIGTERM');
    const entries = await topOfProfile(directory, ENTRIES);
    return { head: ['function', 'own time, %'], rows: entries.map(({ where, percent }) => [where, figure(percent)]) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The functions in which a process spent most time themselves, of the newest profile that `--cpu-prof` left here. */
async function topOfProfile(directory: string, count: number): Promise<readonly ProfileEntry[]> {
  const file = (await readdir(directory))
    .filter((name) => name.endsWith('.cpuprofile'))
    .sort()
    .at(-1);
  if (file === undefined) throw new Error('the data plane has left no profile');
  const profile = JSON.parse(await readFile(join(directory, file), 'utf8')) as Profile;
  const selfTimes = selfTimesOf(profile);
  selfTimes.delete('(idle)');
  const total = [...selfTimes.values()].reduce((sum, time) => sum + time, 0);
  const sorted = [...selfTimes].sort(([, a], [, b]) => b - a).slice(0, count);
  return sorted.map(([where, time]) => ({ where, percent: (time / total) * 100 }));
}

function selfTimesOf({ nodes, samples, timeDeltas }: Profile): Map<string, number> {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  samples.forEach((id, index) => {
    const name = names.get(id) ?? '(unknown)';
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  });
  return times;
}

/** `write node:net`, `read headgate-engine/request-reader.js`, `(garbage collector)` */
function nameOf({ functionName, url }: CallFrame): string {
  const place = url.split('/').slice(-2).join('/');
  return `${functionName || '(anonymous)'} ${place}`.trim();
}
