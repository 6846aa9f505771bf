/**
 * The fleet's word about a server. healthy: all data planes that have a say hold it for that. unhealthy, ejected: none of
 * them does; ejected when it is failed requests alone that speak against it. disputed: some do and some do not. flapping:
 * one of them changes its mind again and again. unknown: nobody has a say.
 */
export const standings = ['healthy', 'unhealthy', 'ejected', 'disputed', 'flapping', 'unknown'] as const;
export type Standing = (typeof standings)[number];

/** What data planes say of a server, counted. */
export interface Statements {
  /** Whether the configuration has anything that finds out; without it, silence means nothing. */
  readonly checked: boolean;
  /** Data planes that have a say: those that are connected, serve this store, and have sent their full set. */
  readonly voices: number;
  readonly unhealthy: number;
  readonly ejected: number;
  readonly unknown: number;
  /** How many of them change their mind again and again. */
  readonly flapping: number;
}

/** Those who say nothing of a server that is checked hold it for healthy; those who say unknown abstain. */
export function standingOf({ checked, voices, unhealthy, ejected, unknown, flapping }: Statements): Standing {
  if (flapping > 0) return 'flapping';
  const healthy = checked ? voices - unhealthy - ejected - unknown : 0;
  if (healthy > 0) return unhealthy + ejected > 0 ? 'disputed' : 'healthy';
  if (unhealthy > 0) return 'unhealthy';
  return ejected > 0 ? 'ejected' : 'unknown';
}

export const standingStatuses = ['agreed', 'disputed', 'flapping', 'unknown'] as const;
export type StandingStatus = (typeof standingStatuses)[number];

/** The standing without what it is that is agreed on. */
export function statusOf(standing: Standing): StandingStatus {
  return standing === 'disputed' || standing === 'flapping' || standing === 'unknown' ? standing : 'agreed';
}
