/** What a fleet's process is told. */
export type FleetOrder =
  | { readonly order: 'join'; readonly address: string; readonly joinToken: string; readonly count: number }
  | { readonly order: 'state'; readonly version: number };

/** What it answers `state`. */
export interface FleetState {
  /** Streams that stand: Welcome has come. */
  readonly standing: number;
  /** Streams that stand and hold the version that was asked for, or a later one. */
  readonly holding: number;
  /** Updates that have come, and their bytes. */
  readonly updates: number;
  readonly bytes: number;
}
