import { z } from 'zod';
import { sourceStates } from '../sources/source-status.ts';
import type { ListedSource } from '../sources/sources.ts';
import { timeOf } from './time-of.ts';

const timeSchema = z.iso.datetime();

export const sourceSchema = z
  .object({
    name: z.string().meta({ description: '"<backend>/<type>:<number>", or the name of the document layer.' }),
    type: z.string(),
    backend: z.string().optional().meta({ description: 'Whose servers it brings; absent for a document layer.' }),
    state: z.enum(sourceStates).meta({
      description:
        'starting: it was not read yet. current: it was read at the last attempt. stale: it was not, and what it said last ' +
        'holds. held: it was read, and what it says is not applied, because of the faults.',
    }),
    since: timeSchema.meta({ description: 'Since when the state is so.' }),
    lastSuccess: timeSchema.optional().meta({ description: 'When it was read last; absent when it never was.' }),
    lastChange: timeSchema.optional().meta({ description: 'When what it brings changed last, since the start.' }),
    error: z.string().meta({ description: 'Why it is not current; "" when it is.' }),
    entries: z.int().meta({ description: 'Servers that it brings.' }),
    skipped: z.int().meta({ description: 'Entries that are left out, because they are not valid.' }),
    failures: z.int().meta({ description: 'Attempts that have failed since the start.' }),
    faults: z
      .array(z.object({ pointer: z.string(), code: z.string(), detail: z.string(), fix: z.string() }))
      .meta({ description: 'Why entries are left out, or the document is held; at most 20.' }),
    unsaved: z.boolean().optional().meta({
      description: 'Of the layer posted: whether it goes back to what was saved when the control plane starts again.',
    }),
  })
  .meta({ id: 'Source', description: 'A place that servers or configurations come from by themselves.' });

/** A source as callers see it. */
export function sourceItem({ name, type, backend, status, unsaved }: ListedSource): z.input<typeof sourceSchema> {
  const { state, since, lastSuccess, lastChange, error, entries, skipped, failures, faults } = status;
  return {
    name,
    type,
    ...(backend === undefined ? {} : { backend }),
    state,
    since: timeOf(since),
    ...(lastSuccess === undefined ? {} : { lastSuccess: timeOf(lastSuccess) }),
    ...(lastChange === undefined ? {} : { lastChange: timeOf(lastChange) }),
    error,
    entries,
    skipped,
    failures,
    faults: [...faults],
    ...(unsaved === undefined ? {} : { unsaved }),
  };
}
