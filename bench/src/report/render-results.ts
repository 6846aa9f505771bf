import { figure } from './figure.ts';
import type { Goal, Section, Table } from './section.ts';
import { verdictOf } from './verdict-of.ts';

/** bench/results.md: the goals of all parts first, then each part. */
export function renderResults(sections: readonly Section[]): string {
  return [heading, goalsOf(sections), ...sections.map(renderSection)].join('\n');
}

const heading = `# Measured

By \`make bench\`; \`make bench ARGS="part part"\` measures these parts anew and leaves the others as they were. What is compared was run
side by side in one run: every proxy was loaded in turn, round after round, and a ratio is the median of the ratios of the rounds. The proxy
alone has core 0; origin (nginx), load (wrk) and control plane have core 1. Processor time is user and system time of the proxy, its
children and threads. Access logs are off everywhere.

![Processor time per request](processor-time.svg)

![Processor time per request over the number of servers](server-count.svg)
`;

function goalsOf(sections: readonly Section[]): string {
  const rows = sections.flatMap(({ goals }) => goals.map(goalRow));
  return `## Goals\n\n${renderTable({ head: ['', 'goal', 'measured', 'verdict'], rows })}`;
}

function goalRow(goal: Goal): readonly string[] {
  const shown = goal.measured === undefined ? '–' : `${figure(goal.measured)} ${goal.unit}`;
  return [goal.what, `≤ ${figure(goal.limit)} ${goal.unit}`, shown, verdictOf(goal)];
}

function renderSection({ title, method, machine, versions, tables, notes }: Section): string {
  const lines = [`## ${title}`, '', method, '', machine + (versions.length > 0 ? ` ${versions.join(', ')}.` : ''), ''];
  return [
    ...lines,
    ...tables.map(renderTable),
    ...notes.map((note) => `- ${note}`),
    ...(notes.length > 0 ? [''] : []),
  ].join('\n');
}

function renderTable({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line), ''].join('\n');
}
