import { mergeBackend } from '../desired/merge-backend.ts';
import type { WholeBackend } from '../intent/whole-backend.ts';
import type { MembershipState } from '../membership/membership-state.ts';

/** Backends with what others brought at one moment, beside whatever operators want. */
export function withOthers(membership: MembershipState): WholeBackend {
  return (name, intent) => mergeBackend(name, { intent, membership });
}
