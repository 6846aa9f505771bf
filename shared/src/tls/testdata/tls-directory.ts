import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IdentityFiles, TlsFile } from '../tls-sources.ts';

/** A PEM file that lies beside this one. */
export function testPem(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, name));
}

/** For tests: a directory of TLS files as an operator keeps one. */
export class TlsDirectory {
  readonly path: string;

  static async create(): Promise<TlsDirectory> {
    return new TlsDirectory(await mkdtemp(join(tmpdir(), 'headgate-tls-')));
  }

  private constructor(path: string) {
    this.path = path;
  }

  /** `tls.crt` and `tls.key`. */
  get identity(): IdentityFiles {
    return {
      certificate: { setting: 'HEADGATE_TEST_TLS_CERTIFICATE', path: join(this.path, 'tls.crt') },
      key: { setting: 'HEADGATE_TEST_TLS_KEY', path: join(this.path, 'tls.key') },
    };
  }

  /** `ca.crt`. */
  get authorities(): TlsFile {
    return { setting: 'HEADGATE_TEST_TLS_CA', path: join(this.path, 'ca.crt') };
  }

  /** Renames a file with this content into place, as careful tools do. */
  async put(file: string, content: Buffer | string): Promise<void> {
    const draft = join(this.path, `${file}.draft`);
    await writeFile(draft, content, { mode: 0o600 });
    await chmod(draft, 0o600);
    await rename(draft, join(this.path, file));
  }

  /** One after the other: `<name>.crt` and `<name>.key` of the test certificates. */
  async putPair(name: string): Promise<void> {
    await this.put('tls.crt', testPem(`${name}.crt`));
    await this.put('tls.key', testPem(`${name}.key`));
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
