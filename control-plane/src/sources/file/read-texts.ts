import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, opendir, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '@headgate/shared/error-code';
import { echoText } from '@headgate/shared/model/echo-value';
import { decodeText } from '../decode-text.ts';
import { SourceError, type SourceText } from '../source.ts';

const MAX_BYTES = 16_777_216;
const MAX_FILES = 1_000;
/** Of any name: a directory that holds more is not one of documents. */
const MAX_ENTRIES = 10_000;
/** Longest path that messages show whole. */
const MAX_PATH = 300;

/** What one look found. */
export interface TextsReading {
  /** Of names, sizes, times and content, or of the error: two looks with one stamp saw the same. */
  readonly stamp: string;
  readonly texts:
    { readonly ok: true; readonly value: readonly SourceText[] } | { readonly ok: false; readonly error: SourceError };
}

/**
 * Reads the file, or all documents of the directory: whole, or not at all. Never rejects. What has the name of a document
 * and cannot be read as one is an error and not left out, and so is a directory without any: a volume that is not
 * mounted looks like that, and is not to be taken for a wish to have nothing.
 */
export async function readTexts(path: string, signal: AbortSignal): Promise<TextsReading> {
  try {
    const hash = createHash('sha256');
    const value = await readAll(await documentsAt(path), { hash, signal });
    return { stamp: hash.digest('hex'), texts: { ok: true, value } };
  } catch (error) {
    const failure = error instanceof SourceError ? error : unreadable(path, error);
    return { stamp: `error: ${failure.message}`, texts: { ok: false, error: failure } };
  }
}

async function documentsAt(path: string): Promise<readonly string[]> {
  const status = await stat(path);
  return status.isDirectory() ? documentsIn(path) : [path];
}

async function documentsIn(directory: string): Promise<readonly string[]> {
  const names: string[] = [];
  let entries = 0;
  for await (const { name } of await opendir(directory)) {
    entries += 1;
    if (isDocument(name)) names.push(name);
    if (names.length > MAX_FILES) throw refused(directory, `holds more than ${MAX_FILES} documents`);
    if (entries > MAX_ENTRIES) throw refused(directory, `holds more than ${MAX_ENTRIES} entries`);
  }
  if (names.length === 0) throw refused(directory, 'holds no *.json, *.yaml or *.yml file');
  return names.sort().map((name) => join(directory, name));
}

/** Hidden ones are those of editors, and of Kubernetes' volumes (`..data`). */
function isDocument(name: string): boolean {
  return !name.startsWith('.') && /\.(json|yaml|yml)$/.test(name);
}

interface Reader {
  readonly hash: Hash;
  readonly signal: AbortSignal;
}

async function readAll(paths: readonly string[], reader: Reader): Promise<readonly SourceText[]> {
  const texts: SourceText[] = [];
  let room = MAX_BYTES;
  for (const path of paths) {
    reader.signal.throwIfAborted();
    const bytes = await readFile(path, { ...reader, room });
    room -= bytes.length;
    const text = decodeText(bytes);
    if (text === undefined) throw refused(path, 'is not UTF-8 text');
    texts.push({ name: path, text });
  }
  return texts;
}

async function readFile(path: string, reader: Reader & { readonly room: number }): Promise<Buffer> {
  try {
    // A pipe without a writer would hold a thread for ever, were it opened to wait.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await readHandle(path, handle, reader);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof SourceError ? error : unreadable(path, error);
  }
}

async function readHandle(
  path: string,
  handle: FileHandle,
  { hash, signal, room }: Reader & { readonly room: number },
): Promise<Buffer> {
  const status = await handle.stat({ bigint: true });
  if (!status.isFile()) throw refused(path, 'is no regular file');
  if (status.size > room) throw tooLarge(path);
  hash.update(JSON.stringify([path, String(status.size), String(status.mtimeNs)]));
  const chunks: Buffer[] = [];
  let length = 0;
  // Piece by piece, so that not even the digest of a large file holds up anybody else.
  for await (const chunk of handle.createReadStream({ end: room, autoClose: false, signal }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    hash.update(chunk);
  }
  if (length > room) throw tooLarge(path);
  return Buffer.concat(chunks, length);
}

function tooLarge(path: string): SourceError {
  return refused(path, `is too large: all documents together may have ${MAX_BYTES} bytes`);
}

function unreadable(path: string, cause: unknown): SourceError {
  return new SourceError(`${echoText(path, MAX_PATH)} cannot be read (${errorCode(cause)})`, { cause });
}

function refused(path: string, problem: string): SourceError {
  return new SourceError(`${echoText(path, MAX_PATH)} ${problem}`);
}
