/** What readiness depends on. */
export interface ReadinessInput {
  readonly stopping: boolean;
  /** Version that is served, 0 when there is none. */
  readonly version: number;
  /** Whether a control plane has said, since the start, that this is the newest version, or has sent it. */
  readonly synchronised: boolean;
  /** Whether an attempt to reach a control plane has failed since the start, or takes too long. */
  readonly controlPlaneMissed: boolean;
}

/**
 * Why a data plane should get no traffic; undefined when it is ready. A data plane that starts from its disk copy waits
 * for the control plane's word first, and serves the copy when there is nobody to give it.
 */
export function notReadyReason(input: ReadinessInput): string | undefined {
  if (input.stopping) return 'stopping';
  if (input.version === 0) return 'no_configuration';
  if (!input.synchronised && !input.controlPlaneMissed) return 'synchronising';
  return undefined;
}
