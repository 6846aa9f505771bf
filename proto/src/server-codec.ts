import type { Server } from '@headgate/shared/model/server';
import { serverKey } from '@headgate/shared/snapshot/snapshot-object';
import { Server as WireServer } from './generated/headgate/v1/control_plane.ts';
import { missingPart } from './undecodable-object-error.ts';

/** A server as bytes of the wire; equal servers give equal bytes. */
export function encodeServer(server: Server): Uint8Array {
  return WireServer.encode(server).finish();
}

/**
 * The server in bytes of the wire.
 * @throws UndecodableObjectError, or what the reader throws for bytes that are no message.
 */
export function decodeServer(body: Uint8Array): Server {
  const server = WireServer.decode(body);
  if (server.backend === '') throw missingPart(nameOf(server), '/backend');
  if (server.address === '') throw missingPart(nameOf(server), '/address');
  if (server.port === 0) throw missingPart(nameOf(server), '/port');
  if (server.weight === 0) throw missingPart(nameOf(server), '/weight');
  return server;
}

function nameOf(server: Server): string {
  return `server/${serverKey(server)}`;
}
