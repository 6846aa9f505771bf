import { parseEndpoint } from '@headgate/shared/model/address';
import { checkSchema } from '@headgate/shared/model/check-schema';
import { durationMs, formatDuration } from '@headgate/shared/model/duration';
import { pointerOf, type Checked, type Fault } from '@headgate/shared/model/fault';
import { limitFaults } from '@headgate/shared/model/limit-faults';
import {
  longestTtlMs,
  registrationListSchema,
  serverRegistrationSchema,
  type Registration,
  type ServerRegistrationDocument,
} from '@headgate/shared/model/registration';
import { canonicalServer, serverEndpoint, type ServerDocument } from '@headgate/shared/model/server';
import type { DocumentReader } from '../intent/document-reader.ts';
import type { RegisteredServer } from './registered-server.ts';

/** Against what registrations are checked. */
export interface RegistrationRules {
  readonly registration: Registration;
  readonly documents: Pick<DocumentReader, 'refusalsNow'>;
}

type Path = readonly PropertyKey[];

/** The rules as they are now, for one request. */
interface Limits {
  readonly refusal: ReturnType<DocumentReader['refusalsNow']>;
  /** The longest ttl in milliseconds. */
  readonly longest: number;
}

function limitsOf({ documents, registration }: RegistrationRules): Limits {
  return { refusal: documents.refusalsNow(), longest: longestTtlMs(registration) };
}

/** One registration, from anything at all: what it says replaces what the server was. */
export function readRegistration(input: unknown, rules: RegistrationRules): Checked<RegisteredServer> {
  const result = checkSchema(serverRegistrationSchema, input);
  if (!result.ok) return { ok: false, faults: limitFaults(result.faults) };
  const faults = [...faultsOf(result.value, [], limitsOf(rules))];
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: registeredServer(result.value) };
}

/** Many registrations: all of them, or the faults of all. */
export function readRegistrations(input: unknown, rules: RegistrationRules): Checked<readonly RegisteredServer[]> {
  const result = checkSchema(registrationListSchema, input);
  if (!result.ok) return { ok: false, faults: limitFaults(result.faults) };
  const faults = limitFaults(listFaults(result.value.items, rules));
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: result.value.items.map(registeredServer) };
}

/** A heartbeat that says nothing of the server: it stays what it is, and is registered with the defaults when it is new. */
export function readHeartbeat(
  endpoint: string,
  { documents }: Pick<RegistrationRules, 'documents'>,
  change: { readonly weight?: number | undefined; readonly ttlMs?: number | undefined } = {},
): Checked<RegisteredServer> {
  const { weight, ttlMs } = change;
  const named: ServerDocument | undefined = parseEndpoint(endpoint);
  if (named === undefined) return { ok: false, faults: [aName(endpoint)] };
  const refused = documents.refusalsNow()(named);
  if (refused !== undefined) return { ok: false, faults: [{ pointer: '', ...refused }] };
  const documentAfter = (before = named): ServerDocument => (weight === undefined ? before : { ...before, weight });
  return { ok: true, value: { endpoint, documentAfter, ttlMs } };
}

function aName(endpoint: string): Fault {
  return {
    pointer: '',
    code: 'invalid_value',
    detail: `${endpoint} is not an IP address and a port`,
    fix: 'register the address: 10.0.0.11:8080; names are for servers that operators write',
  };
}

function* listFaults(items: readonly ServerRegistrationDocument[], rules: RegistrationRules): Generator<Fault> {
  const first = new Map<string, number>();
  const limits = limitsOf(rules);
  for (const [index, item] of items.entries()) {
    yield* faultsOf(item, ['items', index], limits);
    const endpoint = serverEndpoint(canonicalServer(item));
    const before = first.get(endpoint);
    if (before === undefined) first.set(endpoint, index);
    else yield duplicate(endpoint, { index, before });
  }
}

function* faultsOf(item: ServerRegistrationDocument, path: Path, { refusal, longest }: Limits): Generator<Fault> {
  const refused = refusal(item);
  if (refused !== undefined) yield { pointer: pointerOf([...path, 'address']), ...refused };
  if (durationMs(item.ttl, 0) <= longest) return;
  yield {
    pointer: pointerOf([...path, 'ttl']),
    code: 'ttl_too_long',
    detail: `"${item.ttl}" is longer than the ${formatDuration(longest)} that the backend allows`,
    fix: 'use less, or raise registration.ttl of the backend',
  };
}

function duplicate(endpoint: string, { index, before }: { readonly index: number; readonly before: number }): Fault {
  return {
    pointer: pointerOf(['items', index]),
    code: 'duplicate_server',
    detail: `${endpoint} is named before, at ${pointerOf(['items', before])}`,
    fix: 'name it once',
  };
}

function registeredServer({ ttl, ...written }: ServerRegistrationDocument): RegisteredServer {
  const document = canonicalServer(written);
  const ttlMs = ttl === undefined ? undefined : durationMs(ttl, 0);
  return { endpoint: serverEndpoint(document), documentAfter: () => document, ttlMs };
}
