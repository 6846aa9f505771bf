import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Verdict = 'Pass' | 'Warn' | 'Fail' | 'needs-body';

/** One case of the public corpus. */
export interface ProbeCase {
  readonly id: string;
  readonly desc: string;
  /** Whether the suite counts it; the others may do as they like. */
  readonly scored: boolean;
  readonly expected: string;
  /** What is sent, a step at a time, each after the answer to the one before. */
  readonly steps: readonly Buffer[];
  /** `status/connection` of each verdict; undefined for what has no table. */
  readonly verdicts: Readonly<Partial<Record<Verdict, readonly string[]>>> | undefined;
}

interface StoredCase extends Omit<ProbeCase, 'steps'> {
  readonly send: readonly (readonly { readonly b64: string }[])[];
}

/** The corpus, with this value of Host in it. */
export function probeCases(host: string): readonly ProbeCase[] {
  const stored = JSON.parse(readFileSync(join(import.meta.dirname, 'http11probe.json'), 'utf8')) as StoredCase[];
  return stored.map(({ send, ...rest }) => ({
    ...rest,
    verdicts: rest.verdicts,
    steps: send.map((parts) => Buffer.concat(parts.map(({ b64 }) => withHost(b64, host)))),
  }));
}

function withHost(base64: string, host: string): Buffer {
  return Buffer.from(Buffer.from(base64, 'base64').toString('latin1').replaceAll('{{HOST}}', host), 'latin1');
}
