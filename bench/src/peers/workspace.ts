import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const templates = join(import.meta.dirname, '..', '..', 'peers');

/** A folder for what the peers write, and for their configurations filled in. Other users may read it: nginx's workers. */
export class Workspace {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(): Promise<Workspace> {
    const directory = await mkdtemp(join(tmpdir(), 'headgate-peers-'));
    await chmod(directory, 0o755);
    return new Workspace(directory);
  }

  /** Writes the template of bench/peers with `@NAME@` replaced by the value of that name; the path of what was written. */
  async fill(template: string, values: Readonly<Record<string, string>>): Promise<string> {
    const text = await readFile(join(templates, template), 'utf8');
    const all: Readonly<Record<string, string>> = { WORK: this.directory, ...values };
    const path = join(this.directory, `${values['PORT'] ?? 'origin'}-${template}`);
    await writeFile(
      path,
      text.replaceAll(/@([A-Z]+)@/g, (_, name: string) => all[name] ?? ''),
    );
    return path;
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
