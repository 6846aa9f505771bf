import { engineOf, type EngineName } from '../proxy/engines.ts';
import { describeForwarder } from '../proxy/forwarder.cases.ts';
import type { KnownGap } from '../proxy/forwarder.ts';
import { threadedFixture } from './threaded-fixture.cases.ts';

const engine: EngineName = 'headgate';
const reason = 'each thread has connections of its own to servers, and the system says which one gets a client';
const ofThreads: readonly KnownGap[] = [
  { case: 'connections/shared', reason, byChance: true },
  { case: 'connections/client-close', reason, byChance: true },
  { case: 'http10/to-server', reason, byChance: true },
];

describeForwarder(`${engine} (core of two threads)`, threadedFixture(engine), [
  ...engineOf(engine).knownGaps,
  ...ofThreads,
]);
