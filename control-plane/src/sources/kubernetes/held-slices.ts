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

  /** @throws SourceError when there are too many; what was held is then held no more. */
  replace(slices: readonly EndpointSlice[]): void {
    this.#slices = new Map();
    this.#size = 0;
    for (const slice of slices) this.put(slice);
  }

  /** @throws SourceError when there are too many */
  put(slice: EndpointSlice): void {
    this.remove(slice.name);
    this.#slices.set(slice.name, slice);
    this.#size += sizeOf(slice);
    if (this.#size > MAX_ENDPOINTS) throw new SourceError(`the Service has more than ${MAX_ENDPOINTS} endpoints`);
  }

  remove(name: string): void {
    const slice = this.#slices.get(name);
    if (slice === undefined) return;
    this.#slices.delete(name);
    this.#size -= sizeOf(slice);
  }
}

function sizeOf({ endpoints }: EndpointSlice): number {
  return Math.max(1, endpoints.length);
}
