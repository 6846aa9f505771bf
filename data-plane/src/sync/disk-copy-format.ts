import { createHash } from 'node:crypto';
import type { EncodedObject } from '@headgate/proto/object-codec';
import type { RemovedObject } from '@headgate/proto/object-kind';
import { BadCopyError } from './bad-copy-error.ts';
import type { CopyReader } from './copy-reader.ts';

/*
 * A copy on disk is a base file and a journal of what has changed since.
 *
 * Base:    magic, header, objects, SHA-256 of all before it.
 * Journal: magic, records; a record is its length, the SHA-256 of its payload, the payload.
 * Payload: header, upserted objects, removed names.
 * Header:  length, JSON. Object: kind, length, body. Name: kind, length, UTF-8. Numbers are little-endian: kind has one
 * byte, lengths have four.
 */
export const BASE_MAGIC = Buffer.from('HGBASE1\n');
export const JOURNAL_MAGIC = Buffer.from('HGJRNL1\n');
export const CHECKSUM_BYTES = 32;

/** What a base says of itself. */
export interface BaseHeader {
  readonly epoch: string;
  readonly version: number;
  /** Of all objects, in hexadecimal. */
  readonly digest: string;
  readonly objects: number;
  /** Unix time in milliseconds. */
  readonly savedAt: number;
  readonly leftEpochs: readonly string[];
  /** The release that has checked and served all of it, steps of the journal included. */
  readonly release?: string | undefined;
}

/** What a journal's record says of itself: the step from one version to another of the same epoch. */
export interface StepHeader {
  readonly epoch: string;
  readonly from: number;
  readonly version: number;
  /** Of all objects after the step, in hexadecimal. */
  readonly digest: string;
  readonly upserts: number;
  readonly removals: number;
  /** Unix time in milliseconds. */
  readonly savedAt: number;
}

/** One step with what it changes. */
export interface JournalStep {
  readonly header: StepHeader;
  readonly upserts: readonly EncodedObject[];
  readonly removals: readonly RemovedObject[];
}

export function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** A header with its length. */
export function writeHeader(header: BaseHeader | StepHeader): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const bytes = Buffer.allocUnsafe(4 + text.length);
  bytes.writeUInt32LE(text.length);
  text.copy(bytes, 4);
  return bytes;
}

/** An object, or a removal with its name for a body. */
export function writeObject({ kind, body }: EncodedObject): Buffer {
  const bytes = Buffer.allocUnsafe(5 + body.length);
  bytes.writeUInt8(kind);
  bytes.writeUInt32LE(body.length, 1);
  body.copy(bytes, 5);
  return bytes;
}

/** A record ready to be appended to a journal. */
export function writeStep({ header, upserts, removals }: JournalStep): Buffer {
  const names = removals.map(({ kind, name }) => writeObject({ kind, body: Buffer.from(name) }));
  const payload = Buffer.concat([writeHeader(header), ...upserts.map(writeObject), ...names]);
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32LE(payload.length);
  return Buffer.concat([length, sha256(payload), payload]);
}

/** The step in a record whose checksum was right. */
export function readStep(payload: CopyReader): JournalStep {
  const header = payload.header<StepHeader>();
  const upserts = Array.from({ length: header.upserts }, () => payload.object());
  const removals = Array.from({ length: header.removals }, () => payload.object()).map(({ kind, body }) => {
    return { kind, name: body.toString() };
  });
  if (!payload.atEnd) throw new BadCopyError('has a step that is longer than it says');
  return { header, upserts, removals };
}
