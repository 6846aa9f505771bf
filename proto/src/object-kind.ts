import type { ObjectKey, ObjectKind } from '@headgate/shared/snapshot/snapshot-object';
import { ObjectKind as WireKind } from './generated/headgate/v1/control_plane.ts';

const numbers: Readonly<Record<ObjectKind, number>> = {
  backend: WireKind.OBJECT_KIND_BACKEND,
  server: WireKind.OBJECT_KIND_SERVER,
  host: WireKind.OBJECT_KIND_HOST,
};

const names = new Map<number, ObjectKind>((Object.keys(numbers) as ObjectKind[]).map((kind) => [numbers[kind], kind]));

/** An object that is no longer there, as the wire names it. */
export interface RemovedObject {
  readonly kind: number;
  /** The key without its kind: `web`, `web/10.0.0.1:80`, `app.example.com`. */
  readonly name: string;
}

/** The wire's number of a kind. */
export function kindNumber(kind: ObjectKind): number {
  return numbers[kind];
}

/** The kind of a number of the wire; undefined when this release does not know it. */
export function kindName(kind: number): ObjectKind | undefined {
  return names.get(kind);
}

/** The key of a removed object; undefined when its kind is unknown. */
export function keyOfRemoval(removal: RemovedObject): ObjectKey | undefined {
  const kind = kindName(removal.kind);
  return kind === undefined ? undefined : `${kind}/${removal.name}`;
}

/** How the wire names the removal of an object. */
export function removalOf(key: ObjectKey): RemovedObject {
  const slash = key.indexOf('/');
  return { kind: kindNumber(key.slice(0, slash) as ObjectKind), name: key.slice(slash + 1) };
}
