import type { ErrorCode } from '@headgate/shared/error';
import type { Operation } from '../operation.ts';

const always: readonly ErrorCode[] = [
  'HEADGATE_BAD_SYNTAX',
  'HEADGATE_BAD_PARAMETER',
  'HEADGATE_FORBIDDEN',
  'HEADGATE_INTERNAL',
];
const withToken: readonly ErrorCode[] = ['HEADGATE_UNAUTHENTICATED', 'HEADGATE_TOO_MANY_ATTEMPTS'];
const withContent: readonly ErrorCode[] = [
  'HEADGATE_TIMEOUT',
  'HEADGATE_TOO_LARGE',
  'HEADGATE_UNSUPPORTED_MEDIA_TYPE',
  'HEADGATE_INVALID',
];
const ofWrites: readonly ErrorCode[] = ['HEADGATE_UNAVAILABLE', 'HEADGATE_STORE_FULL'];

/** Every failure that an operation can answer: its own, and those of its kind. */
export function errorsOf({ scope, body, errors }: Operation): readonly ErrorCode[] {
  return [
    ...always,
    ...(scope === 'open' ? [] : withToken),
    ...(body === undefined ? [] : withContent),
    ...(scope === 'write' ? ofWrites : []),
    ...errors,
  ];
}
