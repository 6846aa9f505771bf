import { describeRegistrationDay } from '../test/registration-day.cases.ts';

// `make soak` gives the seed, and prints it, so that a failure can be had again.
const seed = Number(process.env['SEED'] ?? 1);
describeRegistrationDay({ servers: 50, requestsPerSecond: 500, events: 240, seed, thorough: true });
