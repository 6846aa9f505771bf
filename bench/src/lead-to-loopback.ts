import { Socket } from 'node:net';

type Connect = (this: Socket, ...given: unknown[]) => Socket;

/**
 * Loaded into a data plane by `--import`: what it connects to in 198.18.0.0/16 (RFC 2544) is the server with the same end
 * of its address on loopback. Kubernetes takes no loopback addresses into slices, and servers listen on loopback alone.
 */
const connect = Reflect.get(Socket.prototype, 'connect') as Connect;
const led: Connect = function (...given) {
  // net.connect hands over its arguments as one list.
  const [options] = given.flat(1);
  if (typeof options === 'object' && options !== null && 'host' in options && typeof options.host === 'string') {
    options.host = options.host.replace(/^198\.18\./, '127.0.');
  }
  return connect.apply(this, given);
};
Reflect.set(Socket.prototype, 'connect', led);
