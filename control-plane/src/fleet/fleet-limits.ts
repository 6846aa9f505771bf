/** How much the control plane keeps of what data planes say. */
export interface FleetLimits {
  /** Servers of one data plane that are not healthy; further ones are dropped and shown as a problem. */
  readonly deviations: number;
  /** Deviations of all data planes together; what is above it is dropped in the same way. */
  readonly totalDeviations: number;
  /** Servers at which one data plane has requests in flight; further ones are dropped and shown as a problem. */
  readonly loads: number;
  /** The same of all data planes together. */
  readonly totalLoads: number;
  /** Faults of one refused snapshot. */
  readonly errors: number;
  /** Data planes that have gone; the one that is gone longest is forgotten first. */
  readonly gone: number;
  /** How long a data plane is remembered after it has gone, its metrics with it. */
  readonly rememberGoneMs: number;
}

export const fleetLimitDefaults: FleetLimits = {
  deviations: 100_000,
  totalDeviations: 2_000_000,
  loads: 100_000,
  totalLoads: 2_000_000,
  errors: 100,
  gone: 10_000,
  rememberGoneMs: 600_000,
};
