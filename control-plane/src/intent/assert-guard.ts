import { HeadgateError } from '@headgate/shared/error';
import { limitFaults } from '@headgate/shared/model/limit-faults';
import type { ObjectChange } from '../store/store.ts';
import { changeGuard } from './change-guard.ts';
import type { IntentState } from './intent-state.ts';
import type { WholeBackend } from './whole-backend.ts';

/** @throws HeadgateError HEADGATE_GUARD when a change looks like a mistake, with every reason. */
export function assertGuard(state: IntentState, objects: readonly ObjectChange[], whole?: WholeBackend): void {
  const reasons = changeGuard(state, objects, whole);
  if (reasons.length === 0) return;
  const detail = 'The change would take away so much that it looks like a mistake; nothing was changed';
  throw new HeadgateError('HEADGATE_GUARD', detail, { faults: limitFaults(reasons) });
}
