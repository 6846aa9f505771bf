import { HeadgateError } from '@headgate/shared/error';

/** As many as the schema of a whole configuration accepts, where it has such objects: what they add one by one must stay valid. */
const limits = {
  backends: { most: 100_000, fix: 'delete those that are no longer needed' },
  hosts: { most: 100_000, fix: 'delete those that are no longer needed, or use wildcards' },
  servers: { most: 10_000, fix: 'split the backend' },
  /** Of one backend: they outlive their servers. */
  overrides: { most: 20_000, fix: 'delete those of servers that are gone, see GET /api/v1/config/warnings' },
} as const;

/** @throws HeadgateError HEADGATE_INVALID when there are so many already that one more would be too many. */
export function assertRoom(noun: keyof typeof limits, present: number): void {
  const { most, fix } = limits[noun];
  if (present < most) return;
  const detail = `there are ${most.toLocaleString('en-US')} ${noun} already, which is the most`;
  throw new HeadgateError('HEADGATE_INVALID', `One more does not fit: ${detail} — ${fix}`, {
    faults: [{ pointer: '', code: 'too_many', detail, fix }],
  });
}
