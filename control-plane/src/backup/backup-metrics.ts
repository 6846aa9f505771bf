import { Counter, Gauge, type Registry } from 'prom-client';

export interface BackupMetrics {
  readonly made: Counter<'result'>;
  readonly newestSeconds: Gauge;
  readonly newestBytes: Gauge;
}

/** What there is to watch: that the newest backup is young, and that none has failed. */
export function createBackupMetrics(registry: Registry): BackupMetrics {
  const registers = [registry];
  const made = new Counter({
    name: 'headgate_backups_total',
    help: 'Backups that were tried, by result: ok (written and verified) or failed',
    labelNames: ['result'],
    registers,
  });
  for (const result of ['ok', 'failed']) made.inc({ result }, 0);
  const newestSeconds = new Gauge({
    name: 'headgate_backup_newest_timestamp_seconds',
    help: 'When the newest backup was made, in Unix time; 0 when there is none',
    registers,
  });
  const newestBytes = new Gauge({
    name: 'headgate_backup_newest_bytes',
    help: 'Size of the newest backup; 0 when there is none',
    registers,
  });
  return { made, newestSeconds, newestBytes };
}
