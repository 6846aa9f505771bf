import { z } from 'zod';
import { checkSchema } from './check-schema.ts';
import type { Checked } from './fault.ts';
import { limitFaults } from './limit-faults.ts';
import { serverStateSchema } from './override.ts';
import { canonicalServer, serverSchema, type ServerDocument, type ServerState } from './server.ts';

const SOURCES_MESSAGE = 'are not sources of a server — leave them out: they are shown, not written';

/** Who can bring a server. */
export const serverSources = [
  'static',
  'file',
  'redis',
  'posted',
  'registration',
  'consul',
  'dns',
  'kubernetes',
] as const;
export type ServerSource = (typeof serverSources)[number];

const sourcesSchema = z.array(z.enum(serverSources), { error: SOURCES_MESSAGE });

/** A server as its own resource shows it: what operators wrote, the state that it has, and who brought it. */
export const serverItemSchema = serverSchema
  .extend({
    state: serverStateSchema.meta({ description: 'What operators want of it now.' }),
    sources: sourcesSchema.meta({
      description: 'Who brought it, whoever its document is from first. static: operators wrote it.',
    }),
  })
  .meta({ id: 'ServerItem', description: 'A server of a backend, as it counts.' });

/** A server as its own resource takes it: what it shows can be sent back. */
export const serverResourceSchema = serverSchema
  .extend({
    state: serverStateSchema.optional().meta({
      description: 'Default: as it was, which is active unless said otherwise. Kept apart from the server, and longer.',
    }),
    sources: sourcesSchema
      .min(1, SOURCES_MESSAGE)
      .optional()
      .meta({ description: 'Shown, not written: leave it out, or send what is shown.' }),
  })
  .meta({ id: 'ServerResource', description: 'One address and port of a backend, and the state that is wanted.' });

/** What somebody wrote of a server: the server itself, and apart from it its state. */
export interface WrittenServer {
  readonly document: ServerDocument;
  /** Undefined when nothing was said. */
  readonly state?: ServerState | undefined;
}

/** A single server as its own resource takes it, in its one spelling. */
export function parseServerResource(input: unknown): Checked<WrittenServer> {
  const result = checkSchema(serverResourceSchema, input);
  if (!result.ok) return { ok: false, faults: limitFaults(result.faults) };
  const { state, sources: _shown, ...document } = result.value;
  return { ok: true, value: { document: canonicalServer(document), state } };
}
