import { rename } from 'node:fs/promises';
import { addressesOf, documentOf } from '../document-addresses.cases.ts';
import { recordedContext, RecordedSink } from '../recorded-sink.cases.ts';
import { sourceCases, type SourceStage } from '../source.cases.ts';
import type { SourceText } from '../source.ts';
import { DocumentDirectory } from './document-directory.cases.ts';
import { createFileSource } from './file-source.ts';

const POLL_MS = 50;
const NO_TEXT = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);

type Place = Pick<SourceStage<readonly SourceText[]>, 'lose' | 'restore'>;

async function open(
  pathOf: (directory: DocumentDirectory) => string,
  placeOf: (directory: DocumentDirectory) => Place,
): Promise<SourceStage<readonly SourceText[]>> {
  const directory = await DocumentDirectory.create();
  const sink = new RecordedSink<readonly SourceText[]>();
  return {
    sink,
    source: createFileSource({ path: pathOf(directory), pollMs: POLL_MS }, recordedContext(sink)),
    hold: (addresses) => directory.put('web.json', documentOf(addresses)),
    addressesOf,
    ...placeOf(directory),
    nonsense: () => directory.put('web.json', NO_TEXT),
    close: () => directory.remove(),
  };
}

sourceCases({
  name: 'a file',
  open: () =>
    open(
      (directory) => directory.file('web.json'),
      (directory) => ({
        lose: () => rename(directory.file('web.json'), directory.file('gone')),
        restore: () => rename(directory.file('gone'), directory.file('web.json')),
      }),
    ),
});

sourceCases({
  name: 'a directory of files',
  open: () =>
    open(
      (directory) => directory.path,
      (directory) => ({ lose: () => directory.hide(), restore: () => directory.show() }),
    ),
});
