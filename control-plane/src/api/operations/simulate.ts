import type { HostDocument } from '@headgate/shared/model/host';
import { checkSchema } from '@headgate/shared/model/check-schema';
import { configurationSchema, type ConfigurationDocument } from '@headgate/shared/model/configuration';
import type { Checked, Fault } from '@headgate/shared/model/fault';
import { fieldOf } from '@headgate/shared/model/field-of';
import { limitFaults } from '@headgate/shared/model/limit-faults';
import type { HostTable } from '@headgate/shared/routing/host-table';
import { z } from 'zod';
import type { DocumentReader } from '../../intent/document-reader.ts';
import type { IntentState } from '../../intent/intent-state.ts';
import { hostTableOf } from '../../simulation/host-table-of.ts';
import { simulate as simulateRequest } from '../../simulation/simulate.ts';
import { simulatedRequestSchema, type SimulatedRequest } from '../../simulation/simulated-request.ts';
import { accept } from '../change.ts';
import { jsonBody } from '../json-body.ts';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';
import { simulationSchema } from '../simulation-item.ts';

const requestsSchema = z
  .array(simulatedRequestSchema, { error: 'is not a list of requests — write [{"url": "https://app.example.com/"}]' })
  .min(1, 'has no requests — name at least one')
  .max(1_000, 'has more than 1,000 requests — ask in several parts');

/** The draft is read apart, as PUT /config reads it. */
const outlineSchema = z.strictObject({ configuration: z.unknown().optional(), requests: requestsSchema });

const contentSchema = z
  .strictObject({
    configuration: configurationSchema.optional().meta({ description: 'The draft. Default: the current one.' }),
    requests: requestsSchema,
  })
  .meta({ id: 'SimulationRequest' });

const ARTICLE = 'The draft may be in any spelling that PUT /api/v1/config takes.';

export function simulate({
  intent,
  desired,
  documents,
}: Pick<ApiRooms, 'intent' | 'desired' | 'documents'>): Operation {
  const currentTable = rememberTable();
  return defineOperation({
    operationId: 'simulate',
    method: 'post',
    path: '/api/v1/simulate',
    tag: 'config',
    summary: 'Says where requests go, and where they would go under a draft of the configuration; changes nothing',
    scope: 'read',
    body: jsonBody(contentSchema, ARTICLE),
    answers: { 200: { description: 'Where they go.', schema: simulationSchema } },
    handle({ body }) {
      const { draft: document, requests } = accept(readContent(body, documents));
      const { hosts, revision } = desired.state.value;
      const current = currentTable(hosts);
      const draft = document === undefined ? current : hostTableOf(withLayers(document, hosts, intent.state.value));
      const items = requests.map((request) => simulateRequest({ current, draft }, request));
      const changed = items.flatMap((item, index) => (item.changed ? [index] : []));
      return { status: 200, body: { revision, changed, items } };
    },
  });
}

/** Compiles the hosts anew only when they have changed since the last call. */
function rememberTable(): (hosts: IntentState['hosts']) => HostTable {
  let last: { readonly hosts: IntentState['hosts']; readonly table: HostTable } | undefined;
  return (hosts) => {
    if (last?.hosts !== hosts) last = { hosts, table: hostTableOf(documentsOf(hosts)) };
    return last.table;
  };
}

/** A draft replaces what operators wrote; hosts of document layers stay. */
function* withLayers(
  draft: ConfigurationDocument,
  desired: IntentState['hosts'],
  own: Pick<IntentState, 'hosts'>,
): Generator<HostDocument> {
  const drafted = new Set(draft.hosts.map(({ host }) => host));
  yield* draft.hosts;
  for (const [pattern, { document }] of desired.entries()) {
    if (!own.hosts.has(pattern) && !drafted.has(pattern)) yield document;
  }
}

function* documentsOf(hosts: IntentState['hosts']) {
  for (const { document } of hosts.values()) yield document;
}

interface Content {
  readonly draft: ConfigurationDocument | undefined;
  readonly requests: readonly SimulatedRequest[];
}

function readContent(body: unknown, documents: DocumentReader): Checked<Content> {
  const outline = checkSchema(outlineSchema, body);
  const written = fieldOf(body, 'configuration');
  const draft = written === undefined ? undefined : documents.configuration(written);
  const faults = limitFaults(faultsOf(outline, draft));
  if (!outline.ok || draft?.ok === false) return { ok: false, faults };
  return { ok: true, value: { draft: draft?.value, requests: outline.value.requests } };
}

function* faultsOf(
  outline: { ok: true } | { ok: false; faults: Iterable<Fault> },
  draft: Checked<unknown> | undefined,
) {
  if (!outline.ok) yield* outline.faults;
  if (draft?.ok !== false) return;
  for (const fault of draft.faults) yield { ...fault, pointer: `/configuration${fault.pointer}` };
}
