import { Socket, type OnReadOpts, type SocketConstructorOpts } from 'node:net';

/** Node's types do not show them: the connection itself, and how a socket is made around one. */
interface Handled {
  _handle?: object | null;
}
type AroundHandle = Omit<SocketConstructorOpts, 'handle'> & { readonly handle: object };

/**
 * The socket of an accepted connection, made anew so that it reads by `onread`, as sockets that connect can: `net.Server`
 * has no option for that, and without it every read makes a buffer of 64 KiB, which is a twentieth of what a request
 * costs. The accepted socket must be paused and not have been read from; the server counts it as closed.
 *
 * It takes `_handle`, which Node does not document. Undefined without it: the accepted socket is to be used as it is.
 */
export function adoptSocket(accepted: Socket, onread: OnReadOpts): Socket | undefined {
  const { _handle: handle } = accepted as Handled;
  if (handle === undefined || handle === null) return undefined;
  (accepted as Handled)._handle = null;
  const options: AroundHandle = { handle, allowHalfOpen: true, onread };
  const socket = new Socket(options as SocketConstructorOpts);
  accepted.destroy();
  return socket;
}
