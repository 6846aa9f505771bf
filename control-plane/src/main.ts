import { HeadgateError } from '@headgate/shared/error';
import { systemClock } from '@headgate/shared/clock';
import { createLogger } from '@headgate/shared/logger';
import type { Fault } from '@headgate/shared/model/fault';
import { softwareVersion } from '@headgate/shared/software-version';
import { processSources } from './config/env.ts';
import { readSettings, type Settings } from './config/settings.ts';
import { loadTokens } from './config/tokens.ts';
import { ControlPlane } from './control-plane.ts';

/** The program: settings → tokens → control plane → signals. Exit code 2 is a fault of the settings, 1 any other. */
async function main(): Promise<void> {
  const resolved = readSettings(processSources());
  if (!resolved.ok) return fail('the settings are not valid', resolved.faults, 2);
  if (resolved.value.kind === 'help') return void process.stdout.write(resolved.value.text);
  if (resolved.value.kind === 'version') return void process.stdout.write(`${softwareVersion}\n`);
  await run(resolved.value.values, resolved.value.warnings);
}

async function run(settings: Settings, warnings: readonly string[]): Promise<void> {
  const logger = createLogger('headgate-control-plane', settings.logLevel);
  const tokens = await loadTokens(settings);
  if (!tokens.ok) return fail('the tokens cannot be used', tokens.faults, 2);
  for (const warning of [...warnings, ...tokens.value.warnings]) logger.warn(warning);
  for (const path of tokens.value.made) logger.info({ path }, 'a token was made');
  if (settings.insecure)
    logger.warn('HEADGATE_INSECURE is true: tokens and configurations may cross the network in plain text');
  const controlPlane = await ControlPlane.start({ settings, tokens: tokens.value, logger, clock: systemClock });
  await stopSignal();
  logger.info('stopping');
  await controlPlane.close();
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}

function fail(what: string, faults: readonly Fault[], exitCode: number): void {
  const lines = faults.map(({ detail, fix }) => `  ${detail}: ${fix}`);
  process.stderr.write(`headgate-control-plane: ${[what, ...lines].join('\n')}\n`);
  process.exitCode = exitCode;
}

try {
  await main();
} catch (error) {
  const faults = error instanceof HeadgateError ? error.faults : [];
  fail(
    error instanceof Error ? error.message : String(error),
    faults.map((fault) => ({ ...fault, detail: `${fault.pointer} ${fault.detail}` })),
    1,
  );
}
