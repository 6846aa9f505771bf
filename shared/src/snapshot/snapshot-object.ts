import type { Backend } from '../model/backend.ts';
import type { Host } from '../model/host.ts';
import { serverEndpoint, type Server } from '../model/server.ts';

/**
 * What a snapshot is made of. Every object is the unit of a delta.
 */
export type SnapshotObject =
  | { readonly kind: 'backend'; readonly value: Backend }
  | { readonly kind: 'server'; readonly value: Server }
  | { readonly kind: 'host'; readonly value: Host };

export type ObjectKind = SnapshotObject['kind'];

/** Names one object of a snapshot: `backend/web`, `server/web/10.0.0.1:80`, `host/app.example.com`. */
export type ObjectKey = `${ObjectKind}/${string}`;

/** The key of an object. */
export function keyOf(object: SnapshotObject): ObjectKey {
  switch (object.kind) {
    case 'backend':
      return `backend/${object.value.name}`;
    case 'server':
      return `server/${serverKey(object.value)}`;
    case 'host':
      return `host/${object.value.pattern}`;
  }
}

/** `backend/address:port`: names one server of one backend everywhere in the system. */
export function serverKey(server: Pick<Server, 'backend' | 'address' | 'port'>): string {
  return `${server.backend}/${serverEndpoint(server)}`;
}
