import type { Server } from '@headgate/shared/model/server';
import { serverKey } from '@headgate/shared/snapshot/snapshot-object';
import { encodeMessage } from './encode-message.ts';
import { Server as WireServer, type Label } from './generated/headgate/v1/control_plane.ts';
import { missingPart } from './undecodable-object-error.ts';

/** A server as bytes of the wire; equal servers give equal bytes. */
export function encodeServer(server: Server): Uint8Array {
  return encodeMessage(WireServer, { ...server, labels: wireLabels(server.labels) });
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
  return { ...server, labels: modelLabels(server.labels), state: server.state === '' ? 'active' : server.state };
}

/** Sorted, because objects with the same labels in another order are equal. */
function wireLabels(labels: Server['labels']): Label[] {
  const names = Object.keys(labels).sort();
  return names.map((name) => ({ name, value: labels[name]! }));
}

const noLabels: Server['labels'] = Object.freeze({});

function modelLabels(labels: readonly Label[]): Server['labels'] {
  return labels.length === 0 ? noLabels : Object.fromEntries(labels.map(({ name, value }) => [name, value]));
}

function nameOf(server: Pick<Server, 'backend' | 'address' | 'port'>): string {
  return `server/${serverKey(server)}`;
}
