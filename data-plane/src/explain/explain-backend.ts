import { formatEndpoint } from '@headgate/shared/model/address';
import { explainSession } from '../affinity/explain-session.ts';
import type { SessionDecision } from '../affinity/session-decision.ts';
import type { PickContext } from '../balancing/picker.ts';
import { ownAnswer, type OwnReason } from '../proxy/own-answer.ts';
import type { CompiledBackend } from '../routing/serving-table.ts';
import { explainCandidates, type CandidateSources } from './explain-candidates.ts';
import type { ExplainedAnswer, ExplainedBackend, ExplainedPick, ExplainedSession } from './explanation.ts';

export interface BackendQuestion {
  readonly backend: CompiledBackend;
  readonly context: PickContext;
  readonly share: number;
  /** Of candidates. */
  readonly most: number;
}

/** Who would get the request in a backend, and why. Changes nothing. */
export function explainBackend(question: BackendQuestion, sources: CandidateSources): ExplainedBackend {
  const { backend, context, share, most } = question;
  const candidates = explainCandidates(backend, most, sources);
  const session = sessionOf(explainSession(backend.affinity, context));
  return {
    backend: backend.settings.name,
    share,
    algorithm: backend.settings.balance.algorithm,
    failsOpen: backend.availability.ignoresHealth(),
    session,
    pick: explainPick(question, { session, sources }),
    candidates,
    moreCandidates: backend.candidates.length - candidates.length,
  };
}

function sessionOf(decision: SessionDecision): ExplainedSession {
  const { kind } = decision;
  if (kind === 'none' || kind === 'new') return { decision: kind };
  // Named within its backend, as everything else here.
  const server = decision.server.slice(decision.server.indexOf('/') + 1);
  return kind === 'kept' ? { decision: kind, server } : { decision: kind, server, reason: decision.reason };
}

interface PickParts {
  readonly session: ExplainedSession;
  readonly sources: CandidateSources;
}

function explainPick({ backend, context }: BackendQuestion, { session, sources }: PickParts): ExplainedPick {
  const result = (backend.affinity ?? backend.picker).peek(context);
  if (result.kind === 'server') {
    const { address, port } = result.server;
    const certain = session.decision === 'kept' || isCertain(backend, sources);
    return { server: formatEndpoint(address, port), certain };
  }
  if (result.reason !== 'at_limit') return { answer: answerFor(reasons[result.reason]) };
  const { limits } = backend.settings;
  return backend.traffic.waiting < limits.queueLength ? { queued: true } : { answer: answerFor('overloaded') };
}

/** A request that has tried nobody is told so as traffic tells it. */
const reasons = {
  no_servers: 'no_servers',
  no_healthy_server: 'no_healthy_server',
  all_tried: 'no_healthy_server',
} as const satisfies Record<string, OwnReason>;

export function answerFor(reason: OwnReason): ExplainedAnswer {
  return { status: ownAnswer(reason).status, reason };
}

const drawsLots = new Set(['random', 'power_of_two', 'least_connections']);
const goesInTurn = new Set(['round_robin', 'weighted_round_robin']);

/** Servers that start slowly are passed over by lot, whatever the algorithm. */
function isCertain({ settings, candidates }: CompiledBackend, { slots, severalOrders }: CandidateSources): boolean {
  const { algorithm } = settings.balance;
  if (drawsLots.has(algorithm) || (severalOrders === true && goesInTurn.has(algorithm))) return false;
  const { rampStartedMs } = slots;
  return settings.slowStartMs === 0 || candidates.every(({ server }) => rampStartedMs[server.slot] === 0);
}
