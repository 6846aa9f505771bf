import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTokens, type Tokens, type TokenSources } from './tokens.ts';

describe('the tokens of the control plane', () => {
  let parent: string;
  let dataDir: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'headgate-tokens-'));
    dataDir = join(parent, 'data');
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  async function load(sources: Partial<TokenSources> = {}): Promise<Tokens> {
    const tokens = await loadTokens({ dataDir, ...sources });
    if (!tokens.ok) throw new Error(JSON.stringify(tokens.faults));
    return tokens.value;
  }

  it('are made at the first start, 32 bytes each, readable by nobody else', async () => {
    const { adminToken, joinToken, made, warnings } = await load();
    expect(adminToken).toMatch(/^[\w-]{43}$/);
    expect(joinToken).toMatch(/^[\w-]{43}$/);
    expect(adminToken).not.toBe(joinToken);
    expect(made).toEqual([join(dataDir, 'admin-token'), join(dataDir, 'join-token')]);
    expect(warnings).toEqual([]);
    expect(readdirSync(dataDir).sort()).toEqual(['admin-token', 'join-token']);
    for (const path of made) expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(readFileSync(made[0]!, 'utf8')).toBe(`${adminToken}\n`);
  });

  it('are the same at the next start', async () => {
    const { adminToken, joinToken } = await load();
    expect(await load()).toEqual({
      adminToken,
      joinToken,
      joinTokenFile: join(dataDir, 'join-token'),
      made: [],
      warnings: [],
    });
  });

  it('are the same for processes that make them at once', async () => {
    const all = await Promise.all([load(), load(), load()]);
    expect(new Set(all.map(({ adminToken }) => adminToken)).size).toBe(1);
    expect(all.flatMap(({ made }) => made).sort()).toEqual([join(dataDir, 'admin-token'), join(dataDir, 'join-token')]);
    expect(readdirSync(dataDir).sort()).toEqual(['admin-token', 'join-token']);
  });

  it('come from settings before files, and then make none', async () => {
    const given = { adminToken: 'given-admin-token', joinToken: 'given-join-token' };
    expect(await load(given)).toEqual({ ...given, made: [], warnings: [] });
    expect(() => readdirSync(dataDir)).toThrow('ENOENT');
  });

  it('must differ', async () => {
    const same = 'one-token-for-both';
    expect(await loadTokens({ dataDir, adminToken: same, joinToken: same })).toMatchObject({
      ok: false,
      faults: [{ code: 'same_token' }],
    });
  });

  it('in a file that others can read bring a warning', async () => {
    await load();
    chmodSync(join(dataDir, 'join-token'), 0o644);
    expect((await load()).warnings).toEqual([expect.stringContaining('chmod 600')]);
  });

  it.each(['', 'short', 'with blanks in the middle'])(
    'in a file that holds "%s" are refused, and not shown',
    async (content) => {
      await load();
      writeFileSync(join(dataDir, 'admin-token'), content);
      const tokens = await loadTokens({ dataDir });
      expect(tokens).toMatchObject({ ok: false, faults: [{ code: 'invalid_token_file' }] });
      if (content !== '') expect(JSON.stringify(tokens)).not.toContain(content);
    },
  );

  it('need a directory that can be used', async () => {
    writeFileSync(dataDir, 'a file');
    const tokens = await loadTokens({ dataDir });
    expect(tokens).toMatchObject({ ok: false, faults: [{ pointer: '/dataDir', code: 'unusable_token_file' }, {}] });
  });
});
