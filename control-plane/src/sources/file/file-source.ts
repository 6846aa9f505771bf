import type { DocumentSource, DocumentSourceContext } from '../source.ts';
import { FollowedFiles } from './followed-files.ts';

export interface FileSource {
  /** A file, or a directory whose *.json, *.yaml and *.yml files are one text each. */
  readonly path: string;
  /** How often to look though no change was heard of. Default 2 s. */
  readonly pollMs?: number | undefined;
}

/** Brings the texts of a file or of a directory of files, again whenever they change. */
export function createFileSource({ path, pollMs = 2_000 }: FileSource, context: DocumentSourceContext): DocumentSource {
  return new FollowedFiles({ path, pollMs }, context);
}
