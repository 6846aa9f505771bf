import { checkSchema } from '@headgate/shared/model/check-schema';
import type { Fault } from '@headgate/shared/model/fault';
import { canonicalServer, serverEndpoint, serverSchema, serverStates } from '@headgate/shared/model/server';
import type { DocumentReader } from '../intent/document-reader.ts';
import type { Member } from '../membership/membership-writer.ts';
import type { SourceEntry } from './source.ts';

/** More servers of one source are left out. */
const MOST_ENTRIES = 10_000;
/** Faults that are kept; the others are counted. */
const MOST_FAULTS = 20;

/** What a delivery means: members by `address:port`, and what was left out of it. */
export interface ReadEntries {
  readonly members: ReadonlyMap<string, Member>;
  readonly skipped: number;
  /** Of the first entries that were left out; the pointer begins with the entry's name. */
  readonly faults: readonly Fault[];
}

/**
 * Validates what a source says like operators' input. One bad entry is left out, and the rest counts; of two entries for
 * one server the first does.
 */
export function readEntries(
  entries: readonly SourceEntry[],
  { documents, now }: { readonly documents: Pick<DocumentReader, 'refusalsNow'>; readonly now: number },
): ReadEntries {
  const refusal = documents.refusalsNow();
  const members = new Map<string, Member>();
  const faults: Fault[] = [];
  let skipped = 0;
  for (const [index, { name, server, state = 'active' }] of entries.entries()) {
    const found = index < MOST_ENTRIES ? readEntry(server, refusal) : tooMany;
    if (!('document' in found)) {
      skipped++;
      if (faults.length < MOST_FAULTS) faults.push({ ...found, pointer: `${name}${found.pointer}` });
      continue;
    }
    const endpoint = serverEndpoint(found.document);
    const known = serverStates.includes(state) ? state : 'disabled';
    if (!members.has(endpoint)) members.set(endpoint, { document: found.document, state: known, since: now });
  }
  return { members, skipped, faults };
}

const tooMany: Fault = {
  pointer: '',
  code: 'too_many_servers',
  detail: 'the source has more than 10,000 servers',
  fix: 'split the service, or select fewer of its servers',
};

type Refusal = ReturnType<DocumentReader['refusalsNow']>;

function readEntry(server: unknown, refusal: Refusal): Pick<Member, 'document'> | Fault {
  const checked = checkSchema(serverSchema, server);
  if (!checked.ok) {
    const [first] = checked.faults;
    return first ?? { pointer: '', code: 'invalid', detail: 'is not a server', fix: 'correct it' };
  }
  const document = canonicalServer(checked.value);
  const refused = refusal(document);
  return refused === undefined ? { document } : { ...refused, pointer: '/address' };
}
