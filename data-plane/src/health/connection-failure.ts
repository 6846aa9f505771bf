import { UnresolvedNameError } from '../resolution/unresolved-name-error.ts';
import type { ProbeResult } from './probe.ts';

/** Codes of failures that are this machine's own: no file descriptors, no memory for a socket. */
const LOCAL_CODES = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

/** What an error of a probe's socket says about the server. */
export function connectionFailure(error: NodeJS.ErrnoException): ProbeResult {
  if (error instanceof UnresolvedNameError) return { outcome: 'connect_failed', detail: `no address: ${error.reason}` };
  const { code = '', syscall } = firstOf(error);
  const shown = /^[A-Z0-9_]{1,32}$/.test(code) ? code : 'unknown error';
  if (LOCAL_CODES.has(code)) return { outcome: 'local_failure', detail: `no socket on this machine: ${shown}` };
  if (syscall === 'connect') return { outcome: 'connect_failed', detail: `no connection: ${shown}` };
  return { outcome: 'connection_lost', detail: `the connection was lost: ${shown}` };
}

/** Where a name has several addresses, each that was tried has an error of its own. */
function firstOf(error: NodeJS.ErrnoException & { readonly errors?: unknown }): NodeJS.ErrnoException {
  return Array.isArray(error.errors) ? ((error.errors as readonly NodeJS.ErrnoException[])[0] ?? error) : error;
}
