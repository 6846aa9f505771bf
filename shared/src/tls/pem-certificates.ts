import { X509Certificate } from 'node:crypto';

/** The certificates of a PEM text, or why there are none; `problem` follows the file's name in a sentence. */
export type PemCertificates =
  | { readonly ok: true; readonly certificates: readonly X509Certificate[]; readonly pem: Buffer }
  | { readonly ok: false; readonly problem: string; readonly fix: string };

const BEGIN = '-----BEGIN ';
const DASHES = '-----';

/**
 * Reads every CERTIFICATE block (RFC 7468) of a PEM text; text and blocks of other kinds around them are left out of
 * `pem`. One bad block spoils the whole: OpenSSL would stop there in silence, with half a chain or half of the
 * authorities.
 */
export function parsePemCertificates(bytes: Buffer): PemCertificates {
  const blocks = certificateBlocks(bytes.toString('latin1'));
  if (blocks === undefined)
    return refused('ends inside a PEM block', 'write the file whole, best by renaming it into place');
  if (blocks.length === 0)
    return refused('holds no PEM certificate', 'it must hold a line -----BEGIN CERTIFICATE-----');
  const certificates: X509Certificate[] = [];
  for (const [index, block] of blocks.entries()) {
    const certificate = parse(block);
    if (certificate === undefined) {
      return refused(`holds a certificate (number ${index + 1}) that cannot be read`, 'replace or remove it');
    }
    certificates.push(certificate);
  }
  return { ok: true, certificates, pem: Buffer.from(`${blocks.join('\n')}\n`, 'latin1') };
}

/** Undefined when a block does not end. Goes over the text once, whatever is in it. */
function certificateBlocks(text: string): readonly string[] | undefined {
  const blocks: string[] = [];
  for (let begin = text.indexOf(BEGIN); begin !== -1;) {
    const labelEnd = text.indexOf(DASHES, begin + BEGIN.length);
    if (labelEnd === -1) return undefined;
    const label = text.slice(begin + BEGIN.length, labelEnd);
    const end = text.indexOf(`-----END ${label}-----`, labelEnd);
    if (end === -1) return undefined;
    const next = end + '-----END '.length + label.length + DASHES.length;
    if (label === 'CERTIFICATE') blocks.push(text.slice(begin, next));
    begin = text.indexOf(BEGIN, next);
  }
  return blocks;
}

function parse(block: string): X509Certificate | undefined {
  try {
    return new X509Certificate(block);
  } catch {
    return undefined;
  }
}

function refused(problem: string, fix: string): PemCertificates {
  return { ok: false, problem, fix };
}
