import type { KnownGap } from '../forwarder.ts';

/** What Node's HTTP parser and http-proxy do not let this engine keep. */
export const knownGaps: readonly KnownGap[] = [
  {
    case: 'request-line/two-spaces',
    reason: "Node's parser takes several spaces before a target for one and does not say so; the request is served",
  },
  {
    case: 'fields/order-and-case',
    reason:
      "Node's client keeps fields by name: repeated fields of a request reach the server in their order, but together and in the spelling of the first",
  },
];
