import type { ConfigurationDocument } from '@headgate/shared/model/configuration';
import type { ShardedMap } from '@headgate/shared/sharded-map';
import type { IntentState } from '../intent/intent-state.ts';
import type { Member } from './membership-writer.ts';

/** Whole documents that are layers of their own, in the order in which a name that two of them want is given. */
export const layerNames = ['file', 'redis', 'posted'] as const;
export type LayerName = (typeof layerNames)[number];

/** What a layer holds: the same as operators' intent, in a state of its own. It has no overrides. */
export type LayerState = IntentState;

/** The members of one backend: by `address:port`, then by owner. */
export type BackendMembers = ReadonlyMap<string, ReadonlyMap<string, Member>>;

/** All that others than operators bring. Immutable; a change shares what it does not touch. */
export interface MembershipState {
  /** Of the newest change that it has seen. */
  readonly version: number;
  readonly layers: Readonly<Record<LayerName, LayerState>>;
  /** By backend, whether there is one of that name or not. */
  readonly members: ShardedMap<BackendMembers>;
  /** What the layer `posted` goes back to at the next start, because what it serves was not to be saved. */
  readonly shelved: ConfigurationDocument | undefined;
}
