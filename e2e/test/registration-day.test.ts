import { describeRegistrationDay } from './registration-day.cases.ts';

describeRegistrationDay({ servers: 12, requestsPerSecond: 300, events: 18, seed: 1, thorough: false });
