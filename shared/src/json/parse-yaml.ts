import { Composer, Lexer, Parser, type CST, type Document, type ParsedNode, type YAMLError } from 'yaml';
import { echoText } from '../model/echo-value.ts';
import type { Checked, Fault } from '../model/fault.ts';
import { badSyntax, emptyDocument, maxDocumentDepth, placeOf, tooDeep } from './document-faults.ts';
import { maxYamlFaults, YamlValueReader } from './yaml-value.ts';

/** UTF-16 units. YAML costs about half a second per million, so more has to be JSON. */
const MAX_LENGTH = 8 * 1_024 * 1_024;

/**
 * The value of a YAML 1.2 text (core schema) of one document: no custom tags, no key twice, no key that is not text, no
 * nesting beyond `maxDepth` (default 32), aliases within reason. Fault codes as of `parseJson`, and `too_large`.
 */
export function parseYaml(text: string, limits?: { readonly maxDepth: number }): Checked<unknown> {
  const maxDepth = limits?.maxDepth ?? maxDocumentDepth;
  if (text.length > MAX_LENGTH) return { ok: false, faults: [tooLong] };
  const tokens = readTokens(text, maxDepth);
  if (!tokens.ok) return tokens;
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    resolveKnownTags: false,
    uniqueKeys: false,
    stringKeys: true,
  });
  const documents = [...composer.compose(tokens.value)] as Document.Parsed<ParsedNode>[];
  const errors = documents.flatMap((document) => [...document.errors, ...document.warnings]).slice(0, maxYamlFaults);
  if (errors.length > 0) return { ok: false, faults: errors.map((error) => syntaxFault(text, error)) };
  return readDocuments(documents, new YamlValueReader(text, maxDepth));
}

function readDocuments(documents: readonly Document.Parsed<ParsedNode>[], reader: YamlValueReader): Checked<unknown> {
  const [document] = documents;
  if (documents.length > 1) return { ok: false, faults: [severalDocuments] };
  if (document === undefined || isBlank(document)) return { ok: false, faults: [emptyDocument] };
  const value = reader.read(document.contents);
  return reader.faults.length > 0 ? { ok: false, faults: reader.faults } : { ok: true, value };
}

function isBlank({ contents }: Document.Parsed<ParsedNode>): boolean {
  return contents === null || (contents.range[0] === contents.range[1] && contents.range[1] === contents.range[2]);
}

/** The concrete syntax. Depth is watched here, because composing it recurses. */
function readTokens(text: string, maxDepth: number): Checked<CST.Token[]> {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > maxDepth && openCollections(parser) > maxDepth) {
      return { ok: false, faults: [tooDeep([], maxDepth)] };
    }
  }
  for (const token of parser.end()) tokens.push(token);
  return { ok: true, value: tokens };
}

function openCollections({ stack }: Parser): number {
  return stack.filter(({ type }) => type === 'block-map' || type === 'block-seq' || type === 'flow-collection').length;
}

function syntaxFault(text: string, error: YAMLError): Fault {
  // What follows a colon in the parser's messages is content, which may be secret.
  const reason = echoText(error.message.split(/(?<! ): /)[0] ?? '', 120);
  const problem = `${reason}, at ${placeOf(text, error.pos[0])}`;
  return badSyntax([], problem, 'correct the YAML there; quote texts that hold special characters');
}

const severalDocuments = badSyntax([], 'there is more than one YAML document', 'keep one; remove what follows "---"');

const tooLong: Fault = {
  pointer: '',
  code: 'too_large',
  detail: 'the YAML text is longer than 8 MiB',
  fix: 'write it as JSON, which is read faster',
};
