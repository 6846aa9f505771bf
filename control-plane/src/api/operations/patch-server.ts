import { serverEndpoint } from '@headgate/shared/model/server';
import { parseServerResource } from '@headgate/shared/model/server-resource';
import { z } from 'zod';
import { mergePatch } from '../../intent/merge-patch.ts';
import type { Plan } from '../../intent/intent.ts';
import type { BackendEntry, IntentState } from '../../intent/intent-state.ts';
import type { ServerName } from '../../intent/plan-delete-server.ts';
import { planPutOverride } from '../../intent/plan-put-override.ts';
import { planPutServer } from '../../intent/plan-put-server.ts';
import type { PlannedChange } from '../../intent/planned-change.ts';
import { checkPrecondition, notFound } from '../../intent/precondition.ts';
import { sameDocument } from '../../intent/same-document.ts';
import { accept } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { mergePatchBody } from '../json-body.ts';
import { messageHeader } from '../message.ts';
import { assertSameName } from '../name-content.ts';
import type { Operation } from '../operation.ts';
import { serverOwnedElsewhere } from '../owned-elsewhere.ts';
import { serverParams } from '../parameters.ts';
import { serverAnswers, serverReply } from '../replies/server-reply.ts';
import type { ApiRooms } from '../rooms.ts';
import { serverItem } from '../server-item.ts';
import { seekServer, type SoughtServer } from '../sought-server.ts';

export function patchServer({ documents, ...rooms }: ChangeRooms & Pick<ApiRooms, 'documents'>): Operation {
  return defineChange(rooms, {
    operationId: 'patchServer',
    method: 'patch',
    path: '/api/v1/backends/{name}/servers/{endpoint}',
    tag: 'servers',
    summary: 'Changes parts of a server, such as its state',
    scope: 'write',
    ofBackend: true,
    params: serverParams,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    body: mergePatchBody('server'),
    answers: { 200: serverAnswers[200] },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_STALE', 'HEADGATE_OWNED_ELSEWHERE'],
    prepare(request) {
      const { name: backend, endpoint } = request.params;
      const patch = { name: { backend, endpoint }, content: request.body };
      let sought!: SoughtServer;
      const plan: Plan = (state) => {
        sought = seekServer({ backend, endpoint }, { intent: state, membership: rooms.membership.state.value });
        if (sought.subject.revision === undefined) throw notFound(sought.subject.title);
        checkPrecondition(sought.subject, preconditionOf(request.headers));
        const own = state.backends.get(backend);
        return own?.servers.has(endpoint) === true
          ? patchOwn(state, own, { ...patch, documents })
          : patchState(state, sought.entry, patch);
      };
      return { plan, reply: (result) => serverReply(result, sought) };
    },
  });
}

interface ServerPatch {
  readonly name: ServerName;
  readonly content: unknown;
}

/** What operators themselves have said is merged: what others say of the same server does not become their word. */
function patchOwn(
  state: IntentState,
  own: BackendEntry,
  { name, content, documents }: ServerPatch & Pick<ApiRooms, 'documents'>,
): PlannedChange {
  const { backend, endpoint } = name;
  const merged = mergePatch(serverItem(own, endpoint), content);
  const { document, state: wanted = 'active' } = accept(documents.server(merged));
  assertSameName({ pointer: '', found: serverEndpoint(document), wanted: endpoint });
  return planPutServer(state, { backend, document, state: wanted });
}

/** Of a server that operators have not written, the state is theirs alone. */
function patchState(state: IntentState, entry: BackendEntry, { name, content }: ServerPatch): PlannedChange {
  const merged = mergePatch(serverItem(entry, name.endpoint), content);
  const { document, state: wanted = 'active' } = accept(parseServerResource(merged));
  assertSameName({ pointer: '', found: serverEndpoint(document), wanted: name.endpoint });
  const same = sameDocument(document, entry.servers.get(name.endpoint)!.document);
  if (!same) throw serverOwnedElsewhere(entry, name);
  return namesState(content) ? planPutOverride(state, { ...name, state: wanted }) : { objects: [] };
}

/** What is shown of the state is what others say, too: only what the patch itself says is operators' word. */
function namesState(patch: unknown): boolean {
  return typeof patch === 'object' && patch !== null && Object.hasOwn(patch, 'state');
}
