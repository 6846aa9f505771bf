import { HeadgateError } from '@headgate/shared/error';
import type { Fault } from '@headgate/shared/model/fault';
import { limitFaults } from '@headgate/shared/model/limit-faults';
import type { IntentState } from '../intent/intent-state.ts';
import type { OwnedChange } from '../store/store.ts';
import { layerOf } from './layer-of.ts';
import type { LayerName, MembershipState } from './membership-state.ts';

/** A name belongs to one layer. @throws HeadgateError HEADGATE_INVALID with a fault for each that somebody else owns */
export function assertFreeNames(
  { layer, desired }: { readonly layer: LayerName; readonly desired: IntentState },
  objects: readonly OwnedChange[],
): void {
  const faults = limitFaults(clashes({ layer, desired }, objects));
  if (faults.length === 0) return;
  throw new HeadgateError('HEADGATE_INVALID', 'Names are taken by others; nothing was changed', { faults });
}

function* clashes(
  { layer, desired }: { readonly layer: LayerName; readonly desired: IntentState },
  objects: readonly OwnedChange[],
): Generator<Fault> {
  for (const { kind, name, before, after } of objects) {
    if (before !== undefined || after === undefined) continue;
    if (kind === 'backend') {
      const taken = desired.backends.get(name);
      if (taken !== undefined && taken.layer !== layer) yield nameTaken('backend', name, taken.layer);
    }
    if (kind === 'host' && desired.hosts.has(name)) yield nameTaken('host', name, undefined);
  }
}

/** Why a name cannot be used; `owner` is a layer, undefined: operators or another layer. */
function nameTaken(kind: 'backend' | 'host', name: string, owner: string | undefined): Fault {
  const by = kind === 'backend' ? (owner === undefined ? 'operators' : `the document layer ${owner}`) : 'somebody else';
  return {
    pointer: '',
    code: 'name_taken',
    detail: `there is a ${kind} ${name} already, which belongs to ${by}`,
    fix: `rename it, or remove the other one`,
  };
}

/** An object that somebody writes, of whatever kind. */
interface WrittenObject {
  readonly kind: string;
  readonly name: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * The same for what operators write: names that a document layer owns are refused.
 *
 * @throws HeadgateError HEADGATE_INVALID
 */
export function assertNotLayered(membership: MembershipState, objects: readonly WrittenObject[]): void {
  const faults = limitFaults(layered(membership, objects));
  if (faults.length === 0) return;
  throw new HeadgateError('HEADGATE_INVALID', 'Names belong to document layers; nothing was changed', { faults });
}

function* layered(membership: MembershipState, objects: readonly WrittenObject[]): Generator<Fault> {
  for (const { kind, name, before, after } of objects) {
    if (before !== undefined || after === undefined) continue;
    const map = kind === 'backend' ? 'backends' : kind === 'host' ? 'hosts' : undefined;
    if (map === undefined) continue;
    const layer = layerOf(membership, (state) => state[map].has(name));
    if (layer === undefined) continue;
    yield {
      pointer: '',
      code: 'name_taken',
      detail: `there is a ${kind} ${name} already, which belongs to the document layer ${layer}`,
      fix: `change it there, or choose another name`,
    };
  }
}
