import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderResults } from './render-results.ts';
import type { Section } from './section.ts';

const bench = join(import.meta.dirname, '..', '..', '..', 'bench');
const resultsPath = join(bench, 'results.json');

/** Keeps what a part has found, and makes the page of all parts anew, in the order of `names`. */
export async function keepSection(name: string, section: Section, names: readonly string[]): Promise<void> {
  const all = { ...(await keptSections()), [name]: section };
  await writeFile(resultsPath, `${JSON.stringify(all, null, 2)}\n`);
  const inOrder = names.flatMap((each) => all[each] ?? []);
  await writeFile(join(bench, 'results.md'), renderResults(inOrder));
}

/** Writes a chart beside the page. */
export async function keepChart(name: string, svg: string): Promise<void> {
  await writeFile(join(bench, `${name}.svg`), svg);
}

async function keptSections(): Promise<Readonly<Record<string, Section>>> {
  try {
    return JSON.parse(await readFile(resultsPath, 'utf8')) as Record<string, Section>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
