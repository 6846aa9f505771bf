/** What the name of a backup says of it. */
export interface BackupName {
  /** Counts backups of a directory: their order, whatever the clock did. */
  readonly number: number;
  /** Unix time in milliseconds, whole seconds. */
  readonly createdAt: number;
  readonly revision: number;
}

const NAME = /^headgate-(\d{6,12})-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-r(\d{1,15})\.db$/;

/** `headgate-000012-20261120T202706Z-r345.db`; sorts by number. */
export function formatBackupName({ number, createdAt, revision }: BackupName): string {
  const time = new Date(createdAt)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '');
  return `headgate-${String(number).padStart(6, '0')}-${time}-r${revision}.db`;
}

/** Undefined for what is no backup. */
export function parseBackupName(name: string): BackupName | undefined {
  const parts = NAME.exec(name);
  if (parts === null) return undefined;
  const [, number, year, month, day, hour, minute, second, revision] = parts;
  const createdAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(createdAt) ? undefined : { number: Number(number), createdAt, revision: Number(revision) };
}
