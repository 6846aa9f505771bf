import { HeadgateError } from '@headgate/shared/error';
import { systemClock } from '@headgate/shared/clock';
import { createLogger } from '@headgate/shared/logger';
import type { Fault } from '@headgate/shared/model/fault';
import { reportFailure } from '@headgate/shared/process/report-failure';
import { stopSignal } from '@headgate/shared/process/stop-signal';
import { softwareVersion } from '@headgate/shared/software-version';
import type { SettingSources } from '@headgate/shared/config/resolve-settings';
import { restoreCommand } from './backup/restore-command.ts';
import { clusterAddress, processSources } from './config/env.ts';
import { insecureListeners, readSettings, type Settings } from './config/settings.ts';
import { loadTokens } from './config/tokens.ts';
import { ControlPlane } from './control-plane.ts';
import { openTlsFiles } from './transport/open-tls-files.ts';

/** The program: settings → tokens → control plane → signals. Exit code 2 is a fault of the settings, 1 any other. */
async function main(): Promise<void> {
  const sources = processSources();
  if (sources.argv[0] === 'restore') return restore({ ...sources, argv: sources.argv.slice(1) });
  const resolved = readSettings(sources);
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
  for (const listener of insecureListeners(settings))
    logger.warn({ listener }, 'HEADGATE_INSECURE is true: tokens and configurations cross the network in plain text');
  const clock = systemClock;
  const tls = await openTlsFiles(settings, { logger, clock });
  if (!tls.ok) return fail('the TLS files cannot be used', tls.faults, 2);
  const started = { settings, tokens: tokens.value, tls: tls.value, logger, clock };
  const controlPlane = await ControlPlane.start({ ...started, cluster: clusterAddress() });
  await stopSignal();
  logger.info('stopping');
  await controlPlane.close();
}

/** `restore --from <backup>`: puts a backup in the place of the database and ends. */
async function restore(sources: SettingSources): Promise<void> {
  const { exitCode, text } = await restoreCommand(sources);
  if (exitCode === 0) return void process.stdout.write(text);
  process.stderr.write(`headgate-control-plane restore: ${text}`);
  process.exitCode = exitCode;
}

function fail(what: string, faults: readonly Fault[], exitCode: number): void {
  reportFailure({ program: 'headgate-control-plane', what, faults, exitCode });
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
