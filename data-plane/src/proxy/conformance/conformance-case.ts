import type { Stage } from './stage.ts';

/** One demand on a forwarder. */
export interface ConformanceCase {
  /** `theme/what`, stable: known gaps name it. */
  readonly id: string;
  /** What a forwarder does, as a sentence without its subject. */
  readonly title: string;
  run(stage: Stage): Promise<void>;
}
