import { readArticleBackend, readArticleHost } from './article-configuration.ts';
import { backendSchema, canonicalBackend, type BackendDocument } from './backend.ts';
import { checkSchema, type SchemaResult } from './check-schema.ts';
import { backendFacts, configurationFacts, hostFacts } from './configuration-facts.ts';
import { canonicalConfiguration, configurationOutlineSchema, type ConfigurationDocument } from './configuration.ts';
import { crossFaults, destinationFaults, duplicateServers } from './cross-check.ts';
import type { Checked, Fault } from './fault.ts';
import { itemsOf } from './field-of.ts';
import { canonicalHost, hostSchema, type HostDocument } from './host.ts';
import { limitFaults } from './limit-faults.ts';
import { sizeFaults } from './object-size.ts';
import { articleKeys, nativeKeys, spellingOf, type SpellingKeys } from './spelling.ts';

type Path = readonly PropertyKey[];

/** How the objects of one spelling are read. */
interface Dialect {
  readonly keys: SpellingKeys;
  readonly readBackend: (input: unknown, path: Path) => SchemaResult<BackendDocument>;
  readonly readHost: (input: unknown, path: Path) => SchemaResult<HostDocument>;
}

const nativeDialect: Dialect = {
  keys: nativeKeys,
  readBackend: (input, path) => checkSchema(backendSchema, input, path),
  readHost: (input, path) => checkSchema(hostSchema, input, path),
};

const articleDialect: Dialect = { keys: articleKeys, readBackend: readArticleBackend, readHost: readArticleHost };

/**
 * A whole configuration from anything at all, in the native spelling or article 001's, in its one spelling (backends
 * sorted by name, hosts by pattern); or every fault of it, up to a thousand. Pointers are those of the input. The
 * cross-checks look at what is valid also when other parts are not.
 */
export function parseConfiguration(input: unknown): Checked<ConfigurationDocument> {
  const spelling = spellingOf(input);
  if (spelling.kind === 'mixed') return { ok: false, faults: [spelling.fault] };
  const dialect = spelling.kind === 'native' ? nativeDialect : articleDialect;
  const backends: BackendDocument[] = [];
  const hosts: HostDocument[] = [];
  const faults = limitFaults(readConfiguration(input, dialect, { backends, hosts }));
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, value: canonicalConfiguration({ backends, hosts }) };
}

/** A single backend with its servers. */
export function parseBackend(input: unknown): Checked<BackendDocument> {
  const read: BackendDocument[] = [];
  const facts = backendFacts(input, [], nativeKeys);
  const faults = limitFaults(chain(collect(nativeDialect.readBackend(input, []), [], read), duplicateServers(facts)));
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: canonicalBackend(read[0]!) };
}

/** A single host with its routes. Whether its backends exist is not looked at. */
export function parseHost(input: unknown): Checked<HostDocument> {
  const read: HostDocument[] = [];
  const facts = hostFacts(input, [], nativeKeys);
  const faults = limitFaults(chain(collect(nativeDialect.readHost(input, []), [], read), destinationFaults(facts)));
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: canonicalHost(read[0]!) };
}

/** Yields every fault, and leaves the objects that have none of their own in `into`. */
function* readConfiguration(
  input: unknown,
  dialect: Dialect,
  into: { readonly backends: BackendDocument[]; readonly hosts: HostDocument[] },
): Generator<Fault> {
  const isPlain = typeof input === 'object' && input !== null && !Array.isArray(input);
  const outline = checkSchema(configurationOutlineSchema, isPlain ? { ...input } : input); // own fields only
  if (!outline.ok) yield* outline.faults;
  for (const [index, item] of itemsOf(input, 'backends').entries()) {
    const path = ['backends', index];
    yield* collect(dialect.readBackend(item, path), path, into.backends);
  }
  for (const [index, item] of itemsOf(input, 'hosts').entries()) {
    const path = ['hosts', index];
    yield* collect(dialect.readHost(item, path), path, into.hosts);
  }
  yield* crossFaults(configurationFacts(input, dialect.keys));
}

/** The faults of one object; without any it goes into `into`. */
function* collect<T extends BackendDocument | HostDocument>(
  result: SchemaResult<T>,
  path: Path,
  into: T[],
): Generator<Fault> {
  if (result.ok) {
    into.push(result.value);
    yield* sizeFaults(result.value, path);
  } else {
    yield* result.faults;
  }
}

function* chain(...parts: readonly Iterable<Fault>[]): Generator<Fault> {
  for (const part of parts) yield* part;
}
