import { systemClock } from '@headgate/shared/clock';
import { createLogger } from '@headgate/shared/logger';
import type { Fault } from '@headgate/shared/model/fault';
import { softwareVersion } from '@headgate/shared/software-version';
import { processSources } from './config/env.ts';
import { readSettings, type Settings } from './config/settings.ts';
import { Worker } from './worker.ts';

/** The program: settings → worker → signals. Exit code 2 is a fault of the settings, 1 any other. */
async function main(): Promise<void> {
  const resolved = readSettings(processSources());
  if (!resolved.ok) return fail('the settings are not valid', resolved.faults, 2);
  if (resolved.value.kind === 'help') return void process.stdout.write(resolved.value.text);
  if (resolved.value.kind === 'version') return void process.stdout.write(`${softwareVersion}\n`);
  await run(resolved.value.values, resolved.value.warnings);
}

async function run(settings: Settings, warnings: readonly string[]): Promise<void> {
  const logger = createLogger('headgate-data-plane', settings.logLevel);
  for (const warning of warnings) logger.warn(warning);
  const worker = await Worker.start({ settings, logger, clock: systemClock });
  const keepAlive = setInterval(() => undefined, 60_000);
  await stopSignal();
  logger.info('stopping');
  await worker.drain();
  await worker.close();
  clearInterval(keepAlive);
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}

function fail(what: string, faults: readonly Fault[], exitCode: number): void {
  const lines = faults.map(({ detail, fix }) => `  ${detail}: ${fix}`);
  process.stderr.write(`headgate-data-plane: ${[what, ...lines].join('\n')}\n`);
  process.exitCode = exitCode;
}

try {
  await main();
} catch (error) {
  fail(error instanceof Error ? error.message : String(error), [], 1);
}
