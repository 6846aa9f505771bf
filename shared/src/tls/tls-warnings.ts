import type { Fault } from '../model/fault.ts';
import type { TlsContents } from './read-tls-sources.ts';
import { tlsFault, type TlsFaultText } from './tls-fault.ts';
import type { TlsMaterial } from './tls-material.ts';
import type { TlsFile, TlsSources } from './tls-sources.ts';

/** What a person should see to, though the material is used: who can read the key. */
export function fileWarnings({ identity }: TlsContents): readonly Fault[] {
  // The group is left alone: Debian's ssl-cert and Kubernetes' fsGroup hand keys out by it.
  return identity === undefined || (identity.key.mode & 0o007) === 0 ? [] : [tlsFault(identity.key.file, openKey)];
}

/** The same about the validity in time of what is in use. */
export function validityWarnings(sources: TlsSources, material: TlsMaterial, nowMs: number): readonly Fault[] {
  const certificate = sources.identity?.certificate;
  return [
    certificate && material.identity && validityWarning(certificate, material.identity, nowMs),
    sources.authorities && material.authorities && expiry(sources.authorities, material.authorities.notAfterMs, nowMs),
  ].filter((warning) => warning !== undefined);
}

interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

function validityWarning(file: TlsFile, { notBeforeMs, notAfterMs }: Validity, nowMs: number): Fault | undefined {
  return nowMs < notBeforeMs ? tlsFault(file, notYetValid(notBeforeMs)) : expiry(file, notAfterMs, nowMs);
}

function expiry(file: TlsFile, notAfterMs: number, nowMs: number): Fault | undefined {
  return nowMs > notAfterMs ? tlsFault(file, expired(notAfterMs)) : undefined;
}

const openKey: TlsFaultText = {
  code: 'open_key_file',
  problem: 'can be read or written by every user of this machine',
  fix: 'chmod 600 the file, and replace the key when somebody may have read it',
};

function notYetValid(notBeforeMs: number): TlsFaultText {
  return {
    code: 'certificate_not_yet_valid',
    problem: `is not valid before ${new Date(notBeforeMs).toISOString()}, and peers refuse it`,
    fix: 'set the clock right, or use a certificate that is valid now',
  };
}

function expired(notAfterMs: number): TlsFaultText {
  return {
    code: 'certificate_expired',
    problem: `expired at ${new Date(notAfterMs).toISOString()}, and peers refuse it`,
    fix: 'put a new one in place: it is used without a restart',
  };
}
