import { z } from 'zod';
import { readEndpointSlice, type EndpointSlice } from './endpoint-slice.ts';

/** What one line of a watch says; every kind but `error` moves on to a version. */
export type WatchEvent =
  | { readonly kind: 'slice'; readonly version: string; readonly slice: EndpointSlice }
  | { readonly kind: 'removed'; readonly version: string; readonly name: string }
  /** Nothing else has changed until this version. */
  | { readonly kind: 'bookmark'; readonly version: string }
  | { readonly kind: 'error'; readonly status: number };

const lineSchema = z.object({ type: z.string(), object: z.unknown() });
const removedSchema = z.object({ metadata: z.object({ name: z.string().min(1), resourceVersion: z.string().min(1) }) });
const bookmarkSchema = z.object({ metadata: z.object({ resourceVersion: z.string().min(1) }) });
const statusSchema = z.object({ code: z.number().optional() });

/** Undefined when it is no event. */
export function parseWatchEvent(line: string): WatchEvent | undefined {
  const parsed = lineSchema.safeParse(parseJson(line));
  return parsed.success ? eventOf(parsed.data.type, parsed.data.object) : undefined;
}

function eventOf(type: string, object: unknown): WatchEvent | undefined {
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return sliceEvent(object);
    case 'DELETED':
      return removedEvent(object);
    case 'BOOKMARK':
      return bookmarkEvent(object);
    case 'ERROR':
      return errorEvent(object);
    default:
      return undefined;
  }
}

function sliceEvent(object: unknown): WatchEvent | undefined {
  const slice = readEndpointSlice(object);
  return slice && { kind: 'slice', version: slice.version, slice };
}

function removedEvent(object: unknown): WatchEvent | undefined {
  const { data } = removedSchema.safeParse(object);
  return data && { kind: 'removed', version: data.metadata.resourceVersion, name: data.metadata.name };
}

function bookmarkEvent(object: unknown): WatchEvent | undefined {
  const { data } = bookmarkSchema.safeParse(object);
  return data && { kind: 'bookmark', version: data.metadata.resourceVersion };
}

function errorEvent(object: unknown): WatchEvent | undefined {
  const { data } = statusSchema.safeParse(object);
  return data && { kind: 'error', status: data.code ?? 500 };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Its message shows the text.
    return undefined;
  }
}
