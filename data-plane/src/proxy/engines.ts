import type { Forwarder, KnownGap } from './forwarder.ts';
import type { ForwarderOptions } from './forwarder-options.ts';
import { HeadgateForwarder } from './headgate-engine/headgate-forwarder.ts';
import { knownGaps as headgateGaps } from './headgate-engine/known-gaps.ts';
import { HttpProxyForwarder } from './http-proxy-engine/http-proxy-forwarder.ts';
import { knownGaps as httpProxyGaps } from './http-proxy-engine/known-gaps.ts';

/** A way to carry out what the core decides. */
export interface Engine {
  create(options: ForwarderOptions): Forwarder;
  /** Demands of the conformance suite that it cannot meet. */
  readonly knownGaps: readonly KnownGap[];
}

/** Every engine by its name in settings. */
const engines = {
  'http-proxy': { create: (options) => new HttpProxyForwarder(options), knownGaps: httpProxyGaps },
  headgate: { create: (options) => new HeadgateForwarder(options), knownGaps: headgateGaps },
} as const satisfies Record<string, Engine>;

export type EngineName = keyof typeof engines;

export const engineNames = Object.keys(engines) as readonly EngineName[];

/** The engine of this name. */
export function engineOf(name: EngineName): Engine {
  return engines[name];
}

/** A forwarder of this engine, not yet listening. */
export function createForwarder(name: EngineName, options: ForwarderOptions): Forwarder {
  return engines[name].create(options);
}
