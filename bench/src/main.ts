import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { LOAD_CLIENTS, measureChangePropagation, type PropagationFigures, type Travel } from './change-propagation.ts';
import { measureHistoryCost, type HistoryFigures } from './history-cost.ts';

/** `make bench`: measures, prints, and writes bench/results.md. */
async function main(): Promise<void> {
  const figures = [await measureChangePropagation(10, 500), await measureChangePropagation(10_000, 500)];
  const load = { hosts: 10_000, changes: 10_000 };
  const history = [
    await measureHistoryCost({ ...load, kept: 1_000 }),
    await measureHistoryCost({ ...load, kept: 20_000 }),
  ];
  const report = [heading(), propagationTable(figures), historyTable(history)].join('\n');
  await writeFile(join(import.meta.dirname, '..', 'results.md'), report);
  console.log(report);
}

function heading(): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `# Measured\n\nBy \`make bench\` on ${machine}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}. All processes share the machine.\n`;
}

function propagationTable(figures: readonly PropagationFigures[]): string {
  const rows: readonly (readonly [string, (of: PropagationFigures) => string])[] = [
    ...travelRows('', ({ quiet }) => quiet),
    ...travelRows(`, ${LOAD_CLIENTS} clients asking all the time`, ({ loaded }) => loaded),
    ['bytes on the wire for one change, to one data plane', (of) => of.quiet.bytesPerChange.toFixed(0)],
    ['whole configuration: PUT answered / live', (of) => `${of.importMs.toFixed(0)} / ${of.convergedMs.toFixed(0)} ms`],
    [
      'resident memory, control plane / data plane',
      (of) => `${of.controlPlaneMiB.toFixed(0)} / ${of.dataPlaneMiB.toFixed(0)} MiB`,
    ],
    [
      'cold start of a data plane from its disk copy (goal with 10,000 hosts: 500 ms)',
      (of) => `${of.coldStartMs.toFixed(0)} ms`,
    ],
  ];
  return table('How a change travels', figures, {
    titleOf: (of) => `${of.hosts} hosts × ${of.servers} servers`,
    rows,
  });
}

function travelRows(
  under: string,
  of: (figures: PropagationFigures) => Travel,
): readonly (readonly [string, (figures: PropagationFigures) => string])[] {
  return [
    [
      `write acknowledged, p50 / p99${under}`,
      (all) => `${of(all).writeP50.toFixed(1)} / ${of(all).writeP99.toFixed(1)} ms`,
    ],
    [
      `acknowledged → first request routed by it, p50 / p99 (goal: 5 / 25 ms)${under}`,
      (all) => `${of(all).routedP50.toFixed(1)} / ${of(all).routedP99.toFixed(1)} ms`,
    ],
  ];
}

function historyTable(figures: readonly HistoryFigures[]): string {
  return table('What history costs', figures, {
    titleOf: (of) => `${of.hosts} hosts × ${of.servers} servers, ${of.changes} changes, ${of.kept} kept`,
    rows: [
      ['write acknowledged, p50 / p99', (of) => `${of.writeP50.toFixed(1)} / ${of.writeP99.toFixed(1)} ms`],
      [
        'on disk, imported / after the changes',
        (of) => `${of.importedMiB.toFixed(0)} / ${of.changedMiB.toFixed(0)} MiB`,
      ],
      ['revisions looked back', (of) => String(of.spanned)],
      ['diff over them, first page', (of) => `${of.diffMs.toFixed(0)} ms`],
      ['rollback over them, dry run / made', (of) => `${of.dryRunMs.toFixed(0)} / ${of.rollbackMs.toFixed(0)} ms`],
      ['list of 1,000 revisions', (of) => `${of.listMs.toFixed(0)} ms`],
    ],
  });
}

interface Columns<T> {
  readonly titleOf: (of: T) => string;
  readonly rows: readonly (readonly [string, (of: T) => string])[];
}

function table<T>(title: string, figures: readonly T[], { titleOf, rows }: Columns<T>): string {
  const head = `| | ${figures.map(titleOf).join(' | ')} |`;
  const rule = `| --- |${figures.map(() => ' --- |').join('')}`;
  const body = rows.map(([name, show]) => `| ${name} | ${figures.map(show).join(' | ')} |`);
  return [`## ${title}`, '', head, rule, ...body, ''].join('\n');
}

await main();
