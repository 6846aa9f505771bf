import { isDeepStrictEqual } from 'node:util';
import type { Backend } from '@headgate/shared/model/backend';
import type { Availability } from '../balancing/availability.ts';
import type { Candidate } from '../balancing/candidate.ts';
import type { Picker } from '../balancing/picker.ts';
import type { TimeSlice } from '../routing/time-slice.ts';
import type { ServerSlot } from '../upstream/server-slots.ts';
import { Affinity, type Member } from './affinity.ts';
import type { SessionValues } from './session-values.ts';

/** A backend at one version. */
export interface AffinityParts {
  readonly settings: Backend;
  readonly candidates: readonly Candidate[];
  readonly picker: Picker;
  readonly availability: Availability;
}

/** The version before. */
export interface AffinityBefore {
  readonly candidates: readonly Candidate[];
  readonly affinity?: Affinity | undefined;
}

export interface AffinityCompilation {
  readonly values: SessionValues;
  readonly slice: TimeSlice;
}

/**
 * The session of a backend, undefined when it has none. Values are computed for servers that are new; nothing is done
 * again while neither servers nor settings change.
 */
export async function compileAffinity(
  { settings, candidates, picker, availability }: AffinityParts,
  before: AffinityBefore | undefined,
  { values, slice }: AffinityCompilation,
): Promise<Affinity | undefined> {
  const { session, name: backend } = settings;
  if (session === undefined) return undefined;
  const known = before?.candidates === candidates ? before.affinity : undefined;
  if (known?.picker === picker && isDeepStrictEqual(known.session, session)) return known;
  if (known !== undefined) {
    return new Affinity({ backend, session, members: known.members, picker, availability, values });
  }
  const members = new Map<ServerSlot, Member>();
  await slice.run(addMembers(members, candidates, values));
  return new Affinity({ backend, session, members, picker, availability, values });
}

/** The same for a backend without a version before, in one go. */
export function compileAffinityAtOnce(
  { settings, candidates, picker, availability }: AffinityParts,
  values: SessionValues,
): Affinity | undefined {
  const { session, name: backend } = settings;
  if (session === undefined) return undefined;
  const members = new Map<ServerSlot, Member>();
  for (const _step of addMembers(members, candidates, values));
  return new Affinity({ backend, session, members, picker, availability, values });
}

function* addMembers(
  members: Map<ServerSlot, Member>,
  candidates: readonly Candidate[],
  values: SessionValues,
): Generator<void, void> {
  for (const candidate of candidates) {
    const { server } = candidate;
    values.add(server);
    yield void members.set(server, { candidate, result: Object.freeze({ kind: 'server', server }) });
  }
}
