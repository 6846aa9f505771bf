import type { KnownGap } from '../forwarder.ts';

/** It meets every demand. */
export const knownGaps: readonly KnownGap[] = [];
