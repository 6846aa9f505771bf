import { cpus, totalmem } from 'node:os';
import { parts } from './parts/parts.ts';
import { readArguments } from './read-arguments.ts';
import { keepSection } from './report/results-file.ts';
import type { Section } from './report/section.ts';
import { verdictOf } from './report/verdict-of.ts';

/** `make bench`: measures the parts that are asked for, prints their goals, and writes bench/results.md. */
async function main(): Promise<void> {
  const all = parts.map(({ name }) => name);
  const { names, rounds } = readArguments(process.argv.slice(2), all);
  for (const part of parts.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const began = Date.now();
    try {
      const found = await part.run({ rounds });
      const section = { title: part.title, machine: machine(part.name, rounds), versions: [], notes: [], ...found };
      await keepSection(part.name, section, all);
      print(section, Math.round((Date.now() - began) / 1_000));
    } catch (error) {
      process.exitCode = 1;
      console.error(`${part.name} could not be measured: ${String(error)}`, error);
    }
  }
}

function machine(name: string, rounds: number): string {
  const processor = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const day = new Date().toISOString().slice(0, 10);
  return `\`make bench ARGS="${name} --rounds=${rounds}"\`, ${day}, ${processor}, Node ${process.version}.`;
}

function print({ title, goals, notes }: Section, seconds: number): void {
  console.log(`${title} (${seconds} s)`);
  for (const goal of goals) console.log(`  ${goal.what}: ${goal.measured ?? '–'} ${goal.unit}: ${verdictOf(goal)}`);
  for (const note of notes) console.log(`  ${note}`);
}

await main();
