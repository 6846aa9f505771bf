import { HeadgateError } from '@headgate/shared/error';
import { StoreFailedError, StoreFullError } from '../store/store.ts';

/** What a caller is told when the store did not take what it was to keep; anything else stays as it is. */
export function storeRefusal(error: unknown): unknown {
  if (error instanceof StoreFullError) {
    const detail = 'Nothing was changed: the disk of the control plane is full — make room, then try again';
    return new HeadgateError('HEADGATE_STORE_FULL', detail, { cause: error });
  }
  if (error instanceof StoreFailedError) {
    const detail = 'The change was not made durable — try again, and look at the log of the control plane';
    return new HeadgateError('HEADGATE_UNAVAILABLE', detail, { cause: error });
  }
  return error;
}
