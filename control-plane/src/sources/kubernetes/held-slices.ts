import { SourceError } from '../source.ts';
import type { EndpointSlice } from './endpoint-slice.ts';

/** As many servers as a backend may have, over IPv4 and IPv6. A slice without endpoints counts as one. */
const MAX_ENDPOINTS = 20_000;

/** The slices of a Service as they are now. */
export class HeldSlices {
  #slices = new Map<string, EndpointSlice>();
  #size = 0;

  values(): Iterable<EndpointSlice> {
    return this.#slices.values();
  }

  /** @throws SourceError when there are too many */
  replace(slices: readonly EndpointSlice[]): void {
    this.#slices = new Map();
    this.#size = 0;
    for (const slice of slices) this.put(slice);
  }

  /** @throws SourceError when there are too many; the slice is then as it was. */
  put(slice: EndpointSlice): void {
    const size = this.#size - sizeOf(this.#slices.get(slice.name)) + sizeOf(slice);
    if (size > MAX_ENDPOINTS) throw new SourceError(`the Service has more than ${MAX_ENDPOINTS} endpoints`);
    this.#slices.set(slice.name, slice);
    this.#size = size;
  }

  remove(name: string): void {
    this.#size -= sizeOf(this.#slices.get(name));
    this.#slices.delete(name);
  }
}

function sizeOf(slice: EndpointSlice | undefined): number {
  return slice === undefined ? 0 : Math.max(1, slice.endpoints.length);
}
