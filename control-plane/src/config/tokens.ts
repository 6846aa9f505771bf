import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { secretType } from '@headgate/shared/config/setting-types';
import type { Checked, Fault } from '@headgate/shared/model/fault';
import { writeDurably } from '../store/write-durably.ts';

const TOKEN_BYTES = 32;

export interface TokenSources {
  readonly dataDir: string;
  /** Given by a setting; the file is then neither read nor made. */
  readonly adminToken?: string | undefined;
  readonly joinToken?: string | undefined;
}

/** The two secrets of a control plane. They must reach no log. */
export interface Tokens {
  readonly adminToken: string;
  readonly joinToken: string;
  /** Where the join token came from; undefined when a setting has given it. */
  readonly joinTokenFile: string | undefined;
  /** Files that were made now, for the log. */
  readonly made: readonly string[];
  readonly warnings: readonly string[];
}

interface Token {
  readonly text: string;
  readonly made?: string;
  readonly warning?: string | undefined;
}

/**
 * The tokens that were given, else those of `DATA_DIR/admin-token` and `DATA_DIR/join-token`, else new ones: 32 random
 * bytes in base64url, written whole or not at all, with mode 0600.
 */
export async function loadTokens(sources: TokenSources): Promise<Checked<Tokens>> {
  const admin = await tokenOf(sources.adminToken, join(sources.dataDir, 'admin-token'));
  const agent = await tokenOf(sources.joinToken, join(sources.dataDir, 'join-token'));
  if (!admin.ok || !agent.ok)
    return { ok: false, faults: [admin, agent].flatMap((token) => (token.ok ? [] : token.faults)) };
  if (admin.value.text === agent.value.text) return faulty(sameToken);
  const both = [admin.value, agent.value];
  return {
    ok: true,
    value: {
      adminToken: admin.value.text,
      joinToken: agent.value.text,
      joinTokenFile: sources.joinToken === undefined ? join(sources.dataDir, 'join-token') : undefined,
      made: both.flatMap(({ made }) => made ?? []),
      warnings: both.flatMap(({ warning }) => warning ?? []),
    },
  };
}

async function tokenOf(given: string | undefined, path: string): Promise<Checked<Token>> {
  if (given !== undefined) return { ok: true, value: { text: given } };
  try {
    return (await readToken(path)) ?? (await makeToken(path));
  } catch (error) {
    return faulty(unusableFile(path, error));
  }
}

async function readToken(path: string): Promise<Checked<Token> | undefined> {
  const text = await readFile(path, 'utf8').catch(undefinedWhenAbsent);
  if (text === undefined) return undefined;
  const parsed = secretType.parse(text.trim());
  if (!parsed.ok) return faulty(badToken(path, parsed));
  const { mode } = await stat(path);
  const warning = (mode & 0o077) === 0 ? undefined : `${path} can be read by others than its owner: chmod 600 ${path}`;
  return { ok: true, value: { text: parsed.value, warning } };
}

/** Of two processes that start on one directory at once, both end up with the token of the first. */
async function makeToken(path: string): Promise<Checked<Token>> {
  const text = randomBytes(TOKEN_BYTES).toString('base64url');
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await writeDurably(draft, `${text}\n`);
    // Unlike a rename, a link never replaces what is there.
    await link(draft, path);
    return { ok: true, value: { text, made: path } };
  } catch (error) {
    const other = codeOf(error) === 'EEXIST' ? await readToken(path) : undefined;
    if (other === undefined) throw error;
    return other;
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

function undefinedWhenAbsent(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown reason';
}

const sameToken: Fault = {
  pointer: '/joinToken',
  code: 'same_token',
  detail: 'the join token and the admin token are the same, so every data plane could change the configuration',
  fix: 'give two different ones',
};

function badToken(path: string, { problem, fix }: { readonly problem: string; readonly fix: string }): Fault {
  return {
    pointer: '',
    code: 'invalid_token_file',
    detail: `the content of ${path} ${problem}`,
    fix: `${fix}, or remove the file: a new token is then made at the next start`,
  };
}

function unusableFile(path: string, error: unknown): Fault {
  return {
    pointer: '/dataDir',
    code: 'unusable_token_file',
    detail: `${path} cannot be read or made (${codeOf(error)})`,
    fix: 'let this process own the directory, or name another one by HEADGATE_DATA_DIR',
  };
}

function faulty(fault: Fault): { readonly ok: false; readonly faults: readonly Fault[] } {
  return { ok: false, faults: [fault] };
}
