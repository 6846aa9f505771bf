import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import { z } from 'zod';
import type { Lag } from '../fleet/lag-of.ts';
import type { DataPlaneRecord, LastNack } from '../fleet/fleet-state.ts';
import { stateOf } from '../fleet/state-of.ts';
import { timeOf } from './time-of.ts';

const timeSchema = z.iso.datetime();

const nackSchema = z
  .object({
    epoch: z.string(),
    version: z.int(),
    at: timeSchema,
    errors: z.array(
      z.object({
        object: z.string().meta({ description: 'kind/name, "" when it is the whole snapshot.' }),
        field: z.string().meta({ description: 'JSON pointer inside the object.' }),
        code: z.string(),
        reason: z.string(),
      }),
    ),
    totalErrors: z.int().meta({ description: 'How many there were; a hundred are kept.' }),
  })
  .meta({ id: 'Nack', description: 'Why a data plane did not take a snapshot.' });

export const dataPlaneStateSchema = z.enum(['live', 'lagging', 'rejected', 'gone']).meta({
  id: 'DataPlaneState',
  description:
    'live: serves the newest version. lagging: an older one, an update is under way. rejected: refused the newest, or ' +
    'cannot follow this store. gone: not connected; forgotten after a while (HEADGATE_FORGET_DATA_PLANES).',
});

const dataPlaneShape = {
  id: z.string(),
  state: dataPlaneStateSchema,
  version: z.int().meta({ description: 'What it serves on all of its threads; 0 when nothing.' }),
  epoch: z.string().meta({ description: 'Of that version; "" when nothing.' }),
  labels: z.record(z.string(), z.string()),
  softwareVersion: z.string(),
  threads: z.int(),
  connectedSince: timeSchema.optional().meta({ description: 'Absent when gone.' }),
  lastSeen: timeSchema,
  staleSeconds: z.number().meta({ description: 'For how long it has not served the newest version; 0 when it does.' }),
  lag: z
    .object({
      versions: z.int().meta({ description: 'How many versions were published after the one that it serves.' }),
      seconds: z.number().meta({
        description: 'Since the first of them was published, as far back as this process knows; 0 when there is none.',
      }),
    })
    .optional()
    .meta({ description: 'Absent when it serves another epoch, or a higher version than there is.' }),
  deviations: z.int().meta({ description: 'How many servers it holds for anything but healthy.' }),
  problem: z.object({ code: z.string(), detail: z.string() }).optional(),
  lastNack: nackSchema.optional(),
};

/** A data plane in a list. */
export const dataPlaneSchema = z.object(dataPlaneShape).meta({ id: 'DataPlane' });

/** A data plane with what it says of servers. */
export const dataPlaneDetailSchema = z
  .object({
    ...dataPlaneShape,
    health: z.array(
      z.object({
        server: z.string().meta({ description: 'backend/address:port' }),
        verdict: z.enum(['unknown', 'unhealthy', 'ejected']),
        since: timeSchema.meta({ description: "By the data plane's clock." }),
        lastError: z.string().meta({ description: '"" when no probe has failed.' }),
      }),
    ),
  })
  .meta({ id: 'DataPlaneDetail' });

/** What a record is looked at from. */
export interface Viewpoint {
  readonly newest: SnapshotId;
  /** Unix time in milliseconds. */
  readonly now: number;
  readonly lagOf: (record: DataPlaneRecord) => Lag | undefined;
}

/** How the API shows a data plane in a list. */
export function dataPlaneItem(record: DataPlaneRecord, viewpoint: Viewpoint): z.input<typeof dataPlaneSchema> {
  const { newest, now, lagOf } = viewpoint;
  const { id, epoch, version, labels, softwareVersion, threads, connectedSince, behindSince, problem } = record;
  return {
    id,
    state: stateOf(record, newest),
    version,
    epoch,
    labels,
    softwareVersion,
    threads,
    ...(connectedSince === undefined ? {} : { connectedSince: timeOf(connectedSince) }),
    lastSeen: timeOf(record.lastSeen),
    staleSeconds: behindSince === undefined ? 0 : Math.max(0, now - behindSince) / 1_000,
    ...lagItem(lagOf(record)),
    deviations: record.health.length,
    ...(problem === undefined ? {} : { problem }),
    ...(record.lastNack === undefined ? {} : { lastNack: nackItem(record.lastNack) }),
  };
}

/** How the API shows one data plane. */
export function dataPlaneDetail(record: DataPlaneRecord, viewpoint: Viewpoint): z.input<typeof dataPlaneDetailSchema> {
  const health = record.health.map(({ server, verdict, sinceMs, lastError }) => {
    return { server, verdict, since: timeOf(sinceMs), lastError };
  });
  return { ...dataPlaneItem(record, viewpoint), health };
}

function lagItem(lag: Lag | undefined): { readonly lag?: { readonly versions: number; readonly seconds: number } } {
  return lag === undefined ? {} : { lag: { versions: lag.versions, seconds: lag.ms / 1_000 } };
}

function nackItem({ epoch, version, at, errors, totalErrors }: LastNack): z.input<typeof nackSchema> {
  return { epoch, version, at: timeOf(at), errors: [...errors], totalErrors };
}
