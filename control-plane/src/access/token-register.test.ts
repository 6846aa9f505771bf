import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AccessStage } from './access-stage.cases.ts';
import { TokenRegister } from './token-register.ts';
import { tokenScope } from './token-scope.ts';

const read = [tokenScope('read')];

describe('TokenRegister', () => {
  let stage: AccessStage;
  let register: TokenRegister;
  beforeEach(async () => {
    stage = await AccessStage.open();
    register = await open();
  });
  afterEach(async () => {
    await register.close();
    await stage.close();
  });

  function open(mostTokens?: number): Promise<TokenRegister> {
    const { clock, logger } = stage;
    return TokenRegister.create({ store: stage.store.access, clock, logger, ...(mostTokens && { mostTokens }) });
  }

  async function restart(): Promise<void> {
    await register.close();
    await stage.reopen();
    register = await open();
  }

  it('makes tokens of 256 random bits that can be told from others', async () => {
    const { text } = await register.create({ name: 'ci', scopes: read }, stage.author);
    expect(text).toMatch(/^hg_[A-Za-z0-9_-]{43}$/);
    const other = await register.create({ name: 'cd', scopes: read }, stage.author);
    expect(other.text).not.toBe(text);
  });

  it('knows a token by its text alone, before and after a restart', async () => {
    const { text } = await register.create({ name: 'ci', scopes: read }, stage.author);
    for (const time of ['before', 'after']) {
      expect([time, register.find(text)]).toMatchObject([time, { name: 'ci', scopes: ['read'] }]);
      expect(register.find(`${text}x`)).toBeUndefined();
      expect(register.find(text.slice(0, -1))).toBeUndefined();
      expect(register.find('')).toBeUndefined();
      await restart();
    }
  });

  it('keeps no text, in memory that is shown or on the disk', async () => {
    const { text } = await register.create({ name: 'ci', scopes: read }, stage.author);
    await restart();
    expect(JSON.stringify(register.list())).not.toContain(text);
    for (const file of ['headgate.db', 'headgate.db-wal']) {
      expect(readFileSync(join(stage.dataDir, file)).includes(text.slice(3))).toBe(false);
    }
  });

  it('revokes at once and for good, and tells what is under way', async () => {
    const { text } = await register.create({ name: 'ci', scopes: read }, stage.author);
    const { ended } = register.find(text)!;
    expect(ended.aborted).toBe(false);
    await register.revoke('ci', stage.author);
    expect(ended.aborted).toBe(true);
    expect(register.find(text)).toBeUndefined();
    await restart();
    expect(register.find(text)).toBeUndefined();
    await expect(register.revoke('ci', stage.author)).rejects.toMatchObject({ code: 'HEADGATE_NOT_FOUND' });
  });

  it('refuses a token from the millisecond of its expiry on, and tells what is under way within a second', async () => {
    const expiresAt = stage.clock.now() + 10_000;
    const { text } = await register.create({ name: 'ci', scopes: read, expiresAt }, stage.author);
    stage.clock.advance(9_999);
    const { ended } = register.find(text)!;
    stage.clock.advance(1_001);
    expect(ended.aborted).toBe(true);
    expect(register.find(text)).toBeUndefined();
    expect(register.get('ci')).toMatchObject({ expiresAt });
  });

  it('follows the wall clock when it jumps', async () => {
    const expiresAt = stage.clock.now() + 3_600_000;
    const { text } = await register.create({ name: 'ci', scopes: read, expiresAt }, stage.author);
    const { ended } = register.find(text)!;
    stage.clock.jump(2 * 3_600_000);
    expect(register.find(text)).toBeUndefined();
    stage.clock.advance(500);
    expect(ended.aborted).toBe(true);
  });

  it('remembers the last use to the minute, with one write in five minutes', async () => {
    const { text } = await register.create({ name: 'ci', scopes: read }, stage.author);
    stage.clock.advance(90_000);
    for (let times = 0; times < 100; times++) register.find(text);
    const minute = stage.clock.now() - (stage.clock.now() % 60_000);
    expect(register.get('ci')?.lastUsedAt).toBe(minute);
    expect((await stage.store.access.load()).tokens[0]?.lastUsedAt).toBeUndefined();
    stage.clock.advance(300_000);
    await restart();
    expect(register.get('ci')?.lastUsedAt).toBe(minute);
    expect(await stage.audit()).toHaveLength(1);
  });

  it('has each name once, also when two ask at once', async () => {
    const both = [1, 2].map(() => register.create({ name: 'ci', scopes: read }, stage.author));
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(outcomes[1]).toMatchObject({ reason: { code: 'HEADGATE_ALREADY_EXISTS' } });
    expect(register.size).toBe(1);
  });

  it('has a bounded number of tokens', async () => {
    await register.close();
    register = await open(2);
    for (const name of ['a', 'b']) await register.create({ name, scopes: read }, stage.author);
    await expect(register.create({ name: 'c', scopes: read }, stage.author)).rejects.toMatchObject({
      code: 'HEADGATE_IN_USE',
    });
    await register.revoke('a', stage.author);
    await register.create({ name: 'c', scopes: read }, stage.author);
    expect(register.list().map(({ name }) => name)).toEqual(['b', 'c']);
  });

  it('changes nothing when the store is full, and notes what it changed in the same commit', async () => {
    const { text } = await register.create({ name: 'ci', scopes: read }, stage.author);
    stage.store.limitBytes(4_096);
    const huge = { ...stage.author, message: 'x'.repeat(1_000) };
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) => register.create({ name: `t${index}`, scopes: read }, huge)),
    );
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const outcome of refused) expect(outcome).toMatchObject({ reason: { code: 'HEADGATE_STORE_FULL' } });
    stage.store.limitBytes(undefined);
    expect(register.find(text)).toBeDefined();
    const noted = (await stage.audit()).flatMap(({ objects }) => objects);
    expect(noted.sort()).toEqual(
      register
        .list()
        .map(({ name }) => `token/${name}`)
        .sort(),
    );
  });
});
