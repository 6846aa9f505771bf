import type { ConfigurationDocument } from '@headgate/shared/model/configuration';
import { configurationDocument } from '../intent/documents.ts';
import type { IntentState } from '../intent/intent-state.ts';
import { planPutConfiguration } from '../intent/plan-put-configuration.ts';
import { sameDocument } from '../intent/same-document.ts';
import type { OwnedChange } from '../store/store.ts';
import type { LayerName, MembershipState } from './membership-state.ts';

export interface LayerWrite {
  readonly layer: LayerName;
  readonly document: ConfigurationDocument;
  /** What is desired now: a name that somebody else owns is refused. */
  readonly desired: IntentState;
  /** Lets a document pass that the change guard would hold. Default false. */
  readonly force?: boolean | undefined;
  /** False: what the layer holds now comes back at the next start. Default true. */
  readonly saved?: boolean | undefined;
}

/** What turns a layer into a document; empty when it is as wanted already, also as to what comes back at the next start. */
export function planLayer(
  state: MembershipState,
  { layer, document, saved = true }: Pick<LayerWrite, 'layer' | 'document' | 'saved'>,
): readonly OwnedChange[] {
  const { objects } = planPutConfiguration(state.layers[layer], document);
  const changes = objects
    .filter(({ before, after }) => !sameDocument(before, after))
    .flatMap(({ kind, name, before, after }): OwnedChange[] =>
      kind === 'override' ? [] : [{ owner: layer, kind, name, before, after }],
    );
  return layer === 'posted' ? [...changes, ...shelving(state, { saved, changed: changes.length > 0 })] : changes;
}

/** What was saved is put aside with the first document that is not, and forgotten with the next that is. */
function shelving(
  { layers, shelved }: MembershipState,
  { saved, changed }: { readonly saved: boolean; readonly changed: boolean },
): readonly OwnedChange[] {
  const key = { owner: 'posted', kind: 'shelved', name: 'posted' } as const;
  if (saved) return shelved === undefined ? [] : [{ ...key, before: shelved }];
  return shelved === undefined && changed ? [{ ...key, after: configurationDocument(layers.posted) }] : [];
}
