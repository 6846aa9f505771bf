import { converse } from './converse.ts';
import type { Probe } from './probe.ts';

/** A server is healthy when it accepts a connection. Nothing is sent. */
export const probeTcp: Probe = (request) =>
  converse(request, (socket, finish) => {
    socket.on('connect', () => finish({ outcome: 'success', detail: '' }));
  });
