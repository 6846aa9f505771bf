import { HeadgateError } from '@headgate/shared/error';
import { parseDocument } from '@headgate/shared/json/parse-document';
import type { Checked } from '@headgate/shared/model/fault';
import type { DocumentReader } from './document-reader.ts';
import type { Intent, WriteResult } from './intent.ts';
import { planPutConfiguration } from './plan-put-configuration.ts';

export interface InitialConfiguration {
  readonly documents: Pick<DocumentReader, 'configuration'>;
  /** For messages. */
  readonly path: string;
  readonly text: string;
}

/**
 * Makes a routing configuration, JSON or YAML, the first revision of a store that has none.
 * Undefined when the store has revisions already: what operators wrote is not touched.
 *
 * @throws HeadgateError HEADGATE_INVALID with every fault of the document
 */
export async function importConfiguration(
  intent: Intent,
  { documents, path, text }: InitialConfiguration,
): Promise<WriteResult | undefined> {
  if (intent.state.value.revision > 0) return undefined;
  const document = orThrow(parseDocument(text), path);
  const configuration = orThrow(documents.configuration(document), path);
  const who = { author: 'initial-config', message: 'imported at the first start' };
  return intent.write((state) => planPutConfiguration(state, configuration), who);
}

function orThrow<T>(checked: Checked<T>, path: string): T {
  if (checked.ok) return checked.value;
  throw new HeadgateError('HEADGATE_INVALID', `${path} is no configuration`, { faults: checked.faults });
}
