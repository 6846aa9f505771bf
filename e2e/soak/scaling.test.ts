import { describeScaling } from '../test/scaling.cases.ts';

describeScaling({ requestsPerSecond: 1_000, replacements: 5, peak: 20 });
