import { HeadgateError } from '@headgate/shared/error';
import type { Logger } from '@headgate/shared/logger';
import { StoreFailedError, StoreFullError } from '../store/store.ts';

/** What callers are told when a change could not be made durable; the log says more. What is no failure of a store is passed on. */
export function commitFailure(error: unknown, logger: Logger): unknown {
  if (error instanceof StoreFullError) {
    logger.error({ err: error }, 'The store is full: changes are refused');
    return new HeadgateError(
      'HEADGATE_STORE_FULL',
      'Nothing was changed: the disk of the control plane is full — make room, then try again',
      { cause: error },
    );
  }
  if (error instanceof StoreFailedError) {
    logger.error({ err: error }, 'The store has failed: a change was refused');
    return new HeadgateError(
      'HEADGATE_UNAVAILABLE',
      'The change was not made durable — try again, and look at the log of the control plane',
      { cause: error },
    );
  }
  return error;
}
