import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { errorCode } from '../error-code.ts';
import type { Checked, Fault } from '../model/fault.ts';
import { tlsFault, type TlsFaultText } from './tls-fault.ts';
import { filesOf, type TlsFile, type TlsSources } from './tls-sources.ts';

/** Room for a bundle of every authority that a system believes. */
const MAX_BYTES = 1_048_576;

/** A file's bytes and mode bits, not yet looked at. */
export interface TlsContent {
  readonly file: TlsFile;
  readonly bytes: Buffer;
  readonly mode: number;
}

export interface TlsContents {
  readonly identity?: { readonly certificate: TlsContent; readonly key: TlsContent } | undefined;
  readonly authorities?: TlsContent | undefined;
}

/** What the files held at one look. */
export interface TlsReading {
  /** Of everything that was read, or of why it was not: two looks with one digest saw the same. */
  readonly digest: string;
  readonly contents: Checked<TlsContents>;
}

/** Reads all files. Never rejects: a file that cannot be read is a fault of `contents`. */
export async function readTlsSources(sources: TlsSources): Promise<TlsReading> {
  const results = new Map<TlsFile, Checked<TlsContent>>();
  for (const file of filesOf(sources)) results.set(file, await readTlsFile(file));
  return { digest: digestOf([...results.values()]), contents: contentsOf(sources, results) };
}

async function readTlsFile(file: TlsFile): Promise<Checked<TlsContent>> {
  try {
    // A pipe without a writer would hold a thread for ever, were it opened to wait.
    const handle = await open(file.path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await handle.stat();
      if (!status.isFile()) return faulty(tlsFault(file, notAFile));
      const bytes = await buffer(handle.createReadStream({ end: MAX_BYTES, autoClose: false }));
      return bytes.length > MAX_BYTES
        ? faulty(tlsFault(file, tooLarge))
        : { ok: true, value: { file, bytes, mode: status.mode } };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return faulty(tlsFault(file, unreadable(error)));
  }
}

function contentsOf(sources: TlsSources, results: ReadonlyMap<TlsFile, Checked<TlsContent>>): Checked<TlsContents> {
  const faults = [...results.values()].flatMap((result) => (result.ok ? [] : result.faults));
  if (faults.length > 0) return { ok: false, faults };
  const { identity } = sources;
  const certificate = identity && contentOf(results, identity.certificate);
  const key = identity && contentOf(results, identity.key);
  const authorities = sources.authorities && contentOf(results, sources.authorities);
  return { ok: true, value: { ...(certificate && key && { identity: { certificate, key } }), authorities } };
}

function contentOf(results: ReadonlyMap<TlsFile, Checked<TlsContent>>, file: TlsFile): TlsContent | undefined {
  const result = results.get(file);
  return result?.ok === true ? result.value : undefined;
}

/** Each part is a digest of fixed length or a code, so that bytes cannot move from one file to the next unseen. */
function digestOf(results: readonly Checked<TlsContent>[]): string {
  const parts = results.map((result) => (result.ok ? sha256(result.value.bytes) : JSON.stringify(result.faults)));
  return sha256(parts.join('\n'));
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

const notAFile: TlsFaultText = { code: 'unreadable_file', problem: 'is no regular file', fix: 'name a PEM file' };

const tooLarge: TlsFaultText = {
  code: 'file_too_large',
  problem: `is larger than ${MAX_BYTES} bytes`,
  fix: 'name a PEM file that holds no more than is needed',
};

function unreadable(error: unknown): TlsFaultText {
  return {
    code: 'unreadable_file',
    problem: `cannot be read (${errorCode(error)})`,
    fix: 'put the file there and let this process read it',
  };
}

function faulty(fault: Fault): { readonly ok: false; readonly faults: readonly Fault[] } {
  return { ok: false, faults: [fault] };
}
