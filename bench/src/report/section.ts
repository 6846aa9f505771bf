/** What one part of the benchmark found. It is kept as JSON, and the page is made of all of them. */
export interface Section {
  readonly title: string;
  /** How it was measured. */
  readonly method: string;
  /** Day, commands, versions: what is needed to do it again. */
  readonly machine: string;
  readonly versions: readonly string[];
  readonly goals: readonly Goal[];
  readonly tables: readonly Table[];
  /** What is missing, and what is to be said about the figures. */
  readonly notes: readonly string[];
}

/** A figure that must not be above its limit. */
export interface Goal {
  readonly what: string;
  readonly limit: number;
  /** Undefined when it could not be measured; `why` says why. */
  readonly measured?: number;
  readonly why?: string;
  /** `×` for ratios. */
  readonly unit: string;
}

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a part fills in; the rest is the same for all. */
export type Findings = Pick<Section, 'method' | 'goals' | 'tables'> & Partial<Pick<Section, 'notes' | 'versions'>>;
