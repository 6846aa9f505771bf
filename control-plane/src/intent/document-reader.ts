import type { AddressPolicy } from '@headgate/shared/model/address-policy';
import type { BackendDocument } from '@headgate/shared/model/backend';
import { backendFacts, type BackendFacts } from '@headgate/shared/model/configuration-facts';
import type { ConfigurationDocument } from '@headgate/shared/model/configuration';
import { pointerOf, type Checked, type Fault } from '@headgate/shared/model/fault';
import { itemsOf } from '@headgate/shared/model/field-of';
import { limitFaults } from '@headgate/shared/model/limit-faults';
import { parseBackend, parseConfiguration } from '@headgate/shared/model/parse-configuration';
import { refusedServer } from '@headgate/shared/model/refused-server';
import type { ServerDocument } from '@headgate/shared/model/server';
import { parseServerEndpoint } from '@headgate/shared/model/server-address';
import { parseServerResource, type WrittenServer } from '@headgate/shared/model/server-resource';
import { articleKeys, nativeKeys, spellingOf, type SpellingKeys } from '@headgate/shared/model/spelling';

/**
 * Reads what somebody wrote, from anything at all: a valid document that sends this system to no address where nobody
 * may send it, or every fault. The one way in for servers, whoever brings them.
 */
export interface DocumentReader {
  configuration(input: unknown): Checked<ConfigurationDocument>;
  backend(input: unknown): Checked<BackendDocument>;
  /** As the resource of a server takes it: with its state. */
  server(input: unknown): Checked<WrittenServer>;
  /** Why a server that was accepted before would not be accepted now; undefined when it would. */
  refusal(server: ServerDocument): Omit<Fault, 'pointer'> | undefined;
  /** The same for many servers: whether one is refused, as things are now. */
  refusalsNow(): (server: ServerDocument) => Omit<Fault, 'pointer'> | undefined;
}

/** `policyNow` is asked once for each document, because listeners and interfaces come and go. */
export function createDocumentReader(policyNow: () => AddressPolicy): DocumentReader {
  return {
    configuration(input) {
      const checked = parseConfiguration(input);
      const policy = policyNow();
      // The parts of an accepted document are quicker to look at than the input, which has the pointers.
      const servers = checked.ok ? checked.value.backends.flatMap((backend) => backend.servers ?? []) : undefined;
      if (servers?.every((server) => refuse(server, policy) === undefined)) return checked;
      return also(checked, configurationFaults(input, policy));
    },
    backend(input) {
      const facts = backendFacts(input, [], nativeKeys);
      return also(parseBackend(input), serverFaults(facts, nativeKeys, policyNow()));
    },
    server(input) {
      const checked = parseServerResource(input);
      const refused = checked.ok ? refuse(checked.value.document, policyNow()) : undefined;
      return refused === undefined ? checked : { ok: false, faults: [{ pointer: '/address', ...refused }] };
    },
    refusal: (server) => refuse(server, policyNow()),
    refusalsNow() {
      const policy = policyNow();
      return (server) => refuse(server, policy);
    },
  };
}

/** One code for callers, whatever the reason; the detail says it. */
function refuse(endpoint: { readonly address: string; readonly port: number }, policy: AddressPolicy) {
  const refusal = refusedServer(endpoint, policy);
  return refusal === undefined ? undefined : { ...refusal, code: 'refused_address' };
}

function* configurationFaults(input: unknown, policy: AddressPolicy): Generator<Fault> {
  const spelling = spellingOf(input);
  if (spelling.kind === 'mixed') return;
  const keys = spelling.kind === 'native' ? nativeKeys : articleKeys;
  for (const [index, backend] of itemsOf(input, 'backends').entries()) {
    yield* serverFaults(backendFacts(backend, ['backends', index], keys), keys, policy);
  }
}

function* serverFaults({ servers }: BackendFacts, keys: SpellingKeys, policy: AddressPolicy): Generator<Fault> {
  for (const { path, endpoint } of servers) {
    const named = parseServerEndpoint(endpoint);
    const refused = named === undefined ? undefined : refuse(named, policy);
    if (refused !== undefined) yield { pointer: pointerOf([...path, keys.address]), ...refused };
  }
}

function also<T>(checked: Checked<T>, more: Iterable<Fault>): Checked<T> {
  const faults = limitFaults(join(checked.ok ? [] : checked.faults, more));
  return faults.length === 0 ? checked : { ok: false, faults };
}

function* join(...parts: readonly Iterable<Fault>[]): Generator<Fault> {
  for (const part of parts) yield* part;
}
