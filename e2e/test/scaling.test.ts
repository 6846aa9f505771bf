import { describeScaling } from './scaling.cases.ts';

describeScaling({ requestsPerSecond: 300, replacements: 1, peak: 8 });
