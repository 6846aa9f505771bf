import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A directory of documents, in one of its own, so that it can be taken away and brought back. */
export class DocumentDirectory {
  readonly path: string;

  static async create(): Promise<DocumentDirectory> {
    const directory = new DocumentDirectory(join(await mkdtemp(join(tmpdir(), 'headgate-documents-')), 'documents'));
    await mkdir(directory.path);
    return directory;
  }

  private constructor(path: string) {
    this.path = path;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Renames a file with this content into place, as careful tools do. */
  async put(name: string, content: string | Buffer): Promise<void> {
    const draft = this.file(`.${name}.draft`);
    await writeFile(draft, content);
    await rename(draft, this.file(name));
  }

  /** Takes the whole directory away. */
  async hide(): Promise<void> {
    await rename(this.path, `${this.path}-hidden`);
  }

  async show(): Promise<void> {
    await rename(`${this.path}-hidden`, this.path);
  }

  async remove(): Promise<void> {
    await rm(dirname(this.path), { recursive: true, force: true });
  }
}
