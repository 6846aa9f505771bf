import type { IntentState } from '../intent/intent-state.ts';
import { layerNames, type LayerName, type MembershipState } from './membership-state.ts';

/** The first document layer that has something. */
export function layerOf(
  { layers }: Pick<MembershipState, 'layers'>,
  has: (layer: IntentState) => boolean,
): LayerName | undefined {
  return layerNames.find((name) => has(layers[name]));
}
