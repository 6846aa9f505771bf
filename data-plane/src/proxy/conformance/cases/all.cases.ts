import type { ConformanceCase } from '../conformance-case.ts';
import { accountingCases } from './accounting.cases.ts';
import { answerCases } from './answers.cases.ts';
import { bodilessCases } from './bodiless.cases.ts';
import { chunkedRequestCases } from './chunked-request.cases.ts';
import { clientAbortCases } from './client-abort.cases.ts';
import { clientTimeoutCases } from './client-timeouts.cases.ts';
import { connectionCases } from './connections.cases.ts';
import { expectContinueCases } from './expect-continue.cases.ts';
import { fieldCases } from './fields.cases.ts';
import { forwardedCases } from './forwarded.cases.ts';
import { framingCases } from './framing.cases.ts';
import { hopByHopCases } from './hop-by-hop.cases.ts';
import { hostCases } from './host.cases.ts';
import { http10Cases } from './http10.cases.ts';
import { idleUpstreamCases } from './idle-upstream.cases.ts';
import { inFlightCases } from './in-flight.cases.ts';
import { interimCases } from './interim.cases.ts';
import { invalidAnswerCases } from './invalid-answers.cases.ts';
import { largeBodyCases } from './large-bodies.cases.ts';
import { limitCases } from './limits.cases.ts';
import { originFaultCases } from './origin-faults.cases.ts';
import { ownAnswerCases } from './own-answers.cases.ts';
import { pipeliningCases } from './pipelining.cases.ts';
import { queueCases } from './queue.cases.ts';
import { reconfigurationCases } from './reconfiguration.cases.ts';
import { requestLineCases } from './request-line.cases.ts';
import { replayCases } from './replay.cases.ts';
import { retryCases } from './retries.cases.ts';
import { shutdownCases } from './shutdown.cases.ts';
import { targetCases } from './target.cases.ts';
import { timeoutCases } from './timeouts.cases.ts';
import { truncatedCases } from './truncated.cases.ts';
import { turmoilCases } from './turmoil.cases.ts';
import { versionFieldCases } from './version-field.cases.ts';
import { viaCases } from './via.cases.ts';
import { webSocketCloseCases } from './websocket-close.cases.ts';
import { webSocketHandshakeCases } from './websocket-handshake.cases.ts';
import { webSocketRefusalCases } from './websocket-refusal.cases.ts';
import { webSocketTunnelCases } from './websocket-tunnel.cases.ts';

/** From the first line of a request to the end of the process. */
export const allCases: readonly ConformanceCase[] = [
  ...requestLineCases,
  ...hostCases,
  ...framingCases,
  ...chunkedRequestCases,
  ...fieldCases,
  ...hopByHopCases,
  ...forwardedCases,
  ...viaCases,
  ...versionFieldCases,
  ...targetCases,
  ...interimCases,
  ...expectContinueCases,
  ...bodilessCases,
  ...answerCases,
  ...truncatedCases,
  ...invalidAnswerCases,
  ...ownAnswerCases,
  ...retryCases,
  ...replayCases,
  ...originFaultCases,
  ...queueCases,
  ...timeoutCases,
  ...clientTimeoutCases,
  ...limitCases,
  ...connectionCases,
  ...pipeliningCases,
  ...http10Cases,
  ...largeBodyCases,
  ...clientAbortCases,
  ...idleUpstreamCases,
  ...webSocketHandshakeCases,
  ...webSocketRefusalCases,
  ...webSocketTunnelCases,
  ...webSocketCloseCases,
  ...reconfigurationCases,
  ...shutdownCases,
  ...accountingCases,
  ...turmoilCases,
  ...inFlightCases,
];
