import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { errorCode } from '../error-code.ts';
import { echoText } from '../model/echo-value.ts';
import type { Checked, Fault } from '../model/fault.ts';
import { parsePemCertificates } from './pem-certificates.ts';
import type { TlsContent, TlsContents } from './read-tls-sources.ts';
import { secureContextOptions } from './secure-context-options.ts';
import { tlsFault, type TlsFaultText } from './tls-fault.ts';
import type { TlsAuthorities, TlsIdentity, TlsMaterial } from './tls-material.ts';

const MAX_SUBJECT = 200;

/**
 * Looks at the files as a whole: certificates and key parse, the key belongs to the certificate, OpenSSL takes them
 * together. Every fault of all files; no message shows what is in them. Validity in time is no fault but a warning,
 * because a clock that jumped must not take the certificate away.
 */
export function checkTlsMaterial(contents: TlsContents): Checked<TlsMaterial> {
  const identity = contents.identity && checkIdentity(contents.identity);
  const authorities = contents.authorities && checkAuthorities(contents.authorities);
  const faults = [identity, authorities].flatMap((checked) => (checked?.ok === false ? checked.faults : []));
  if (faults.length > 0) return { ok: false, faults };
  const material = {
    identity: identity?.ok === true ? identity.value : undefined,
    authorities: authorities?.ok === true ? authorities.value : undefined,
  };
  const refusal = refusalOfOpenSsl(material);
  const blamed = contents.identity?.certificate ?? contents.authorities;
  return refusal !== undefined && blamed !== undefined ? faulty([blamed, refusal]) : { ok: true, value: material };
}

interface IdentityContents {
  readonly certificate: TlsContent;
  readonly key: TlsContent;
}

function checkIdentity({ certificate, key }: IdentityContents): Checked<TlsIdentity> {
  const chain = parsePemCertificates(certificate.bytes);
  const privateKey = parseKey(key);
  const faults: Fault[] = [];
  if (!chain.ok) faults.push(tlsFault(certificate.file, { code: 'invalid_certificate', ...chain }));
  if (!privateKey.ok) faults.push(...privateKey.faults);
  if (!chain.ok || !privateKey.ok) return { ok: false, faults };
  const [own, ...others] = chain.certificates;
  if (own === undefined || !own.checkPrivateKey(privateKey.value)) {
    return faulty([key, others.some((other) => other.checkPrivateKey(privateKey.value)) ? wrongOrder : wrongKey]);
  }
  return { ok: true, value: { ...factsOf(own), certificateChain: chain.pem, key: key.bytes } };
}

/** PKCS #8 (RFC 5958) says it in the label, the older formats in a header. */
const ENCRYPTED = /^(-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED)/m;

function parseKey(content: TlsContent): Checked<KeyObject> {
  try {
    return { ok: true, value: createPrivateKey({ key: content.bytes, format: 'pem' }) };
  } catch {
    // What OpenSSL says of a key stays here.
    return faulty([content, ENCRYPTED.test(content.bytes.toString('latin1')) ? encryptedKey : invalidKey]);
  }
}

function checkAuthorities(content: TlsContent): Checked<TlsAuthorities> {
  const parsed = parsePemCertificates(content.bytes);
  if (!parsed.ok) return faulty([content, { code: 'invalid_certificate', ...parsed }]);
  return {
    ok: true,
    value: {
      certificates: parsed.pem,
      subjects: parsed.certificates.map(subjectOf),
      notAfterMs: Math.max(...parsed.certificates.map(({ validToDate }) => validToDate.getTime())),
    },
  };
}

function factsOf(certificate: X509Certificate): Omit<TlsIdentity, 'certificateChain' | 'key'> {
  return {
    subject: subjectOf(certificate),
    fingerprint: certificate.fingerprint256,
    notBeforeMs: certificate.validFromDate.getTime(),
    notAfterMs: certificate.validToDate.getTime(),
  };
}

function subjectOf({ subject }: X509Certificate): string {
  // Absent when the certificate has its names in subjectAltName alone.
  return echoText((subject ?? '').replaceAll('\n', ', '), MAX_SUBJECT);
}

/** Such as a key that is too short for OpenSSL's security level. */
function refusalOfOpenSsl(material: TlsMaterial): TlsFaultText | undefined {
  try {
    createSecureContext(secureContextOptions(material));
    return undefined;
  } catch (error) {
    return {
      code: 'unusable_certificate',
      problem: `is refused by OpenSSL (${errorCode(error)})`,
      fix: 'use another one',
    };
  }
}

const wrongKey: TlsFaultText = {
  code: 'key_mismatch',
  problem: 'is not the key of the certificate',
  fix: 'put certificate and key of one pair in place',
};

const wrongOrder: TlsFaultText = {
  code: 'key_mismatch',
  problem: 'is the key of a certificate that is not the first of its file',
  fix: 'put the own certificate first and the intermediate ones after it',
};

const encryptedKey: TlsFaultText = {
  code: 'encrypted_key',
  problem: 'is protected by a passphrase',
  fix: 'store it without one (openssl pkey), readable by this process alone',
};

const invalidKey: TlsFaultText = {
  code: 'invalid_key',
  problem: 'holds no private key that can be read',
  fix: 'it must hold a line -----BEGIN PRIVATE KEY-----, and be whole',
};

function faulty([{ file }, text]: readonly [TlsContent, TlsFaultText]): {
  readonly ok: false;
  readonly faults: readonly Fault[];
} {
  return { ok: false, faults: [tlsFault(file, text)] };
}
