import type { z } from 'zod';
import type { Wishes } from '../desired/merge-backend.ts';
import { layerOf } from '../membership/layer-of.ts';
import { backendDocument, hostDocument } from '../intent/documents.ts';
import { contentMark } from './content-mark.ts';
import type { backendItemSchema, hostItemSchema } from './layer-item.ts';
import type { ReadItem } from './read-reply.ts';

/** Backends and hosts as they are read: each as its one owner wrote it, with its layer where that is not operators. */

/** Undefined where there is no backend of that name. */
export function shownBackend(name: string, { intent, membership }: Wishes): ReadItem | undefined {
  const own = intent.backends.get(name);
  if (own !== undefined) return { revision: own.revision, document: () => backendDocument(own) };
  const layer = layerOf(membership, ({ backends }) => backends.has(name));
  if (layer === undefined) return undefined;
  const document = backendDocument(membership.layers[layer].backends.get(name)!);
  return ofLayer<z.input<typeof backendItemSchema>>({ ...document, layer });
}

/** Undefined where there is no host of that pattern. */
export function shownHost(pattern: string, { intent, membership }: Wishes): ReadItem | undefined {
  const own = intent.hosts.get(pattern);
  if (own !== undefined) return { revision: own.revision, document: () => hostDocument(own.document) };
  const layer = layerOf(membership, ({ hosts }) => hosts.has(pattern));
  if (layer === undefined) return undefined;
  const { document } = membership.layers[layer].hosts.get(pattern)!;
  return ofLayer<z.input<typeof hostItemSchema>>({ ...hostDocument(document), layer });
}

function ofLayer<T>(item: T): ReadItem {
  return { revision: contentMark(0, item), document: () => item };
}
