import { coreFixture } from './conformance/core-fixture.ts';
import { createForwarder, engineNames, engineOf } from './engines.ts';
import { describeForwarder } from './forwarder.cases.ts';

for (const name of engineNames) {
  describeForwarder(
    name,
    coreFixture((options) => createForwarder(name, options)),
    engineOf(name).knownGaps,
  );
}
