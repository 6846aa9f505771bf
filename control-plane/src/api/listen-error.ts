import { formatSocketAddress, type SocketAddress } from '@headgate/shared/config/setting-types';

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another process — stop that one, or choose another port',
  EACCES: 'may not be used by this process — choose a port from 1024 up',
  EADDRNOTAVAIL: 'is no address of this machine — choose one that is, or 0.0.0.0 for all',
  ENOTFOUND: 'is not known to this machine — write the address as a number',
};

/** A listener cannot have its address. The message names the setting and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';

  constructor(setting: string, address: SocketAddress, cause: unknown) {
    const code = codeOf(cause);
    super(`${setting}: ${formatSocketAddress(address)} ${reasons[code] ?? `cannot be listened on (${code})`}`, {
      cause,
    });
  }
}

function codeOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'unknown reason';
}
