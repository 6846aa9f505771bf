import type { ServerSlot } from '../upstream/server-slots.ts';

/** A server of one backend at one version. */
export interface Candidate {
  readonly server: ServerSlot;
  readonly weight: number;
  /** 0 is used first. */
  readonly priority: number;
  /** A ServerState. */
  readonly state: string;
  /** "" for none. */
  readonly zone: string;
  readonly labels: Readonly<Record<string, string>>;
}
