/** What readiness depends on. */
export interface ReadinessInput {
  readonly stopping: boolean;
  /** Whether anything accepts requests. Default true. */
  readonly listening?: boolean | undefined;
  /** Version that is served, 0 when there is none. */
  readonly version: number;
  /** Whether a control plane has had its say since the start. */
  readonly synchronised: boolean;
  /** Whether a control plane has said, since the start, that this is the newest version, or has sent it. */
  readonly confirmed: boolean;
  /** Whether an attempt to reach a control plane has failed since the start, or takes too long. */
  readonly controlPlaneMissed: boolean;
  /** For how long it is not sure that what is served is the newest; undefined while it is. */
  readonly staleForMs: number | undefined;
}

/** How much a data plane trusts what nobody confirms. */
export interface ReadinessPolicy {
  /** Whether the disk copy is enough when no control plane can be reached. */
  readonly startFromCopy: boolean;
  /** Age from which what is served is too old; undefined: never. */
  readonly staleAfterMs: number | undefined;
}

/**
 * Why a data plane should get no traffic; undefined when it is ready. A data plane that starts from its disk copy waits
 * for the control plane's word first, and serves the copy when there is nobody to give it, if it may.
 *
 * It says what balancers should do, no more: whatever the reason, requests that come are served.
 */
export function notReadyReason(input: ReadinessInput, policy: ReadinessPolicy): string | undefined {
  if (input.stopping) return 'stopping';
  if (input.listening === false) return 'not_listening';
  if (input.version === 0) return 'no_configuration';
  if (!input.synchronised && !input.controlPlaneMissed) return 'synchronising';
  if (!input.confirmed && !policy.startFromCopy) return 'unconfirmed';
  return isStale(input, policy) ? 'stale' : undefined;
}

function isStale({ staleForMs }: ReadinessInput, { staleAfterMs }: ReadinessPolicy): boolean {
  return staleForMs !== undefined && staleAfterMs !== undefined && staleForMs > staleAfterMs;
}
