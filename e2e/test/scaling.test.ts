import { describeScaling } from './scaling.cases.ts';

describeScaling({ requestsPerSecond: 200, replacements: 1, peak: 8 });
