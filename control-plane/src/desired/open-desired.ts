import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import { Intent, type IntentOptions } from '../intent/intent.ts';
import { assertNotLayered } from '../membership/assert-free-names.ts';
import { Membership } from '../membership/membership.ts';
import { buildSnapshot } from '../snapshot/build-snapshot.ts';
import { initialSnapshot } from '../snapshot/initial-snapshot.ts';
import { SnapshotLog } from '../snapshot/snapshot-log.ts';
import type { Store } from '../store/store.ts';
import { Desired } from './desired.ts';

export interface OpenedDesired {
  readonly membership: Membership;
  /** Not started, like `desired`: whoever wants to see every commit, and before its version, subscribes first. */
  readonly intent: Intent;
  readonly desired: Desired;
  /** Every version of `desired` as a snapshot, in the turn in which it is made. */
  readonly log: SnapshotLog;
}

export interface OpenDesiredOptions extends Pick<IntentOptions, 'admit'> {
  readonly logger: Logger;
  readonly clock: Clock;
}

/** All that is wanted, by whoever wants it, as a store holds it, and the snapshots that follow from it. */
export async function openDesired(store: Store, { admit, ...common }: OpenDesiredOptions): Promise<OpenedDesired> {
  const membership = await Membership.create(store, common);
  const intent = await Intent.create(store, {
    ...common,
    admit: (objects) => {
      assertNotLayered(membership.state.value, objects);
      admit?.(objects);
    },
  });
  const desired = new Desired({ intent, membership, logger: common.logger });
  const log = await SnapshotLog.fromStore(store, initialSnapshot(desired.state.value));
  desired.onCommit((change, state) => log.publish(buildSnapshot(log.latest.value, change, state)));
  return { membership, intent, desired, log };
}
