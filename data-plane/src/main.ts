import { systemClock } from '@headgate/shared/clock';
import { createLogger } from '@headgate/shared/logger';
import type { Fault } from '@headgate/shared/model/fault';
import { reportFailure } from '@headgate/shared/process/report-failure';
import { stopSignal } from '@headgate/shared/process/stop-signal';
import { softwareVersion } from '@headgate/shared/software-version';
import { TlsFiles } from '@headgate/shared/tls/tls-files';
import { processSources } from './config/env.ts';
import { readSettings, type Settings } from './config/settings.ts';
import { insecureControlPlanes, tlsSourcesOf } from './config/tls-settings.ts';
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
  for (const controlPlane of insecureControlPlanes(settings))
    logger.warn({ controlPlane }, 'HEADGATE_INSECURE is true: token and configuration cross the network in plain text');
  const clock = systemClock;
  const sources = tlsSourcesOf(settings);
  const tls = sources && (await TlsFiles.forClient(sources, { clock, logger }));
  if (tls?.ok === false) return fail('the TLS files cannot be used', tls.faults, 2);
  const worker = await Worker.start({ settings, tls: tls?.value, logger, clock });
  const keepAlive = setInterval(() => undefined, 60_000);
  await stopSignal();
  logger.info('stopping');
  await worker.drain();
  await worker.close();
  clearInterval(keepAlive);
}

function fail(what: string, faults: readonly Fault[], exitCode: number): void {
  reportFailure({ program: 'headgate-data-plane', what, faults, exitCode });
}

try {
  await main();
} catch (error) {
  fail(error instanceof Error ? error.message : String(error), [], 1);
}
