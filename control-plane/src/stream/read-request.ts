import { ConnectRequest } from '@headgate/proto/generated/headgate/v1/control_plane';
import { RefusalError } from './refusal.ts';

export type RequestMessage = NonNullable<ConnectRequest['message']>;

/**
 * The message in the bytes that a data plane has sent.
 * @throws RefusalError
 */
export function readRequest(bytes: Uint8Array): RequestMessage {
  const { message } = decode(bytes);
  if (message === undefined) {
    throw new RefusalError(
      'INVALID_ARGUMENT',
      'a message is empty, or of a kind that this control plane does not know',
    );
  }
  return message;
}

function decode(bytes: Uint8Array): ConnectRequest {
  try {
    return ConnectRequest.decode(bytes);
  } catch {
    throw new RefusalError('INVALID_ARGUMENT', 'a message cannot be decoded as headgate.v1.ConnectRequest');
  }
}
