import { Counter, Gauge, type Registry } from 'prom-client';

/** What the disk copy counts. */
export interface DiskCopyMetrics {
  readonly version: Gauge;
  readonly failures: Counter;
  readonly bytes: Counter<'file'>;
}

/** Registers the metrics of the copy on disk. */
export function createDiskCopyMetrics(registry: Registry): DiskCopyMetrics {
  const registers = [registry];
  return {
    version: new Gauge({
      name: 'headgate_disk_copy_version',
      help: 'Version that a restart would find on disk, 0 when none is known',
      registers,
    }),
    failures: new Counter({
      name: 'headgate_disk_copy_write_failures_total',
      help: 'Failed attempts to bring the disk copy up to date',
      registers,
    }),
    bytes: new Counter({
      name: 'headgate_disk_copy_written_bytes_total',
      help: 'Bytes written for the disk copy, by file: base or journal',
      labelNames: ['file'],
      registers,
    }),
  };
}
