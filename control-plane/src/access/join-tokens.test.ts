import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AccessStage } from './access-stage.cases.ts';
import { JoinTokens } from './join-tokens.ts';

const first = 'the-first-join-token';
const hour = 3_600_000;

describe('JoinTokens', () => {
  let stage: AccessStage;
  let file: string;
  let joinTokens: JoinTokens;
  beforeEach(async () => {
    stage = await AccessStage.open();
    file = join(stage.dataDir, 'join-token');
    writeFileSync(file, `${first}\n`, { mode: 0o600 });
    joinTokens = await open();
  });
  afterEach(async () => {
    joinTokens.close();
    await stage.close();
  });

  function open(from: string | undefined = file): Promise<JoinTokens> {
    const token = readFileSync(file, 'utf8').trim();
    return JoinTokens.create({ token, file: from, store: stage.store.access, clock: stage.clock });
  }

  async function restart(): Promise<void> {
    joinTokens.close();
    await stage.reopen();
    joinTokens = await open();
  }

  function rotate(overlapMs: number): Promise<string> {
    return joinTokens.rotate({ ...stage.author, overlapMs });
  }

  it('accepts the token that it was given and no other', () => {
    expect(joinTokens.authenticate(first)?.aborted).toBe(false);
    expect(joinTokens.authenticate(`${first}x`)).toBeUndefined();
    expect(joinTokens.authenticate('')).toBeUndefined();
  });

  it('accepts both while they overlap, then the new one alone, and ends what joined by the old one', async () => {
    const joined = joinTokens.authenticate(first)!;
    const second = await rotate(hour);
    expect(joinTokens.authenticate(first)).toBe(joined);
    stage.clock.advance(hour - 1);
    expect(joinTokens.authenticate(first)).toBeDefined();
    expect(joined.aborted).toBe(false);
    stage.clock.advance(1_000);
    expect(joinTokens.authenticate(first)).toBeUndefined();
    expect(joined.aborted).toBe(true);
    expect(joinTokens.authenticate(second)?.aborted).toBe(false);
  });

  it('goes on where it was after a restart', async () => {
    const second = await rotate(hour);
    await restart();
    for (const token of [first, second]) expect(joinTokens.authenticate(token)).toBeDefined();
    expect(joinTokens.status).toMatchObject({ source: 'file', former: [{ expiresAt: expect.any(Number) as number }] });
    stage.clock.advance(hour);
    await restart();
    expect(joinTokens.authenticate(first)).toBeUndefined();
    expect(joinTokens.authenticate(second)).toBeDefined();
  });

  it('replaces the file whole, readable by its owner alone, and leaves nothing beside it', async () => {
    const second = await rotate(hour);
    expect(readFileSync(file, 'utf8')).toBe(`${second}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(stage.dataDir).filter((name) => name.startsWith('join-token'))).toEqual(['join-token']);
  });

  it('ends every former token at once without an overlap', async () => {
    const second = await rotate(hour);
    const joined = [first, second].map((token) => joinTokens.authenticate(token)!);
    const third = await rotate(0);
    expect(joined.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(joinTokens.authenticate(second)).toBeUndefined();
    expect(joinTokens.authenticate(third)).toBeDefined();
    expect(joinTokens.status.former).toEqual([]);
  });

  it('takes the token of the file for the token, whatever was noted before a kill', async () => {
    await rotate(hour);
    writeFileSync(file, `${first}\n`);
    await restart();
    stage.clock.advance(2 * hour);
    expect(joinTokens.authenticate(first)).toBeDefined();
    expect(joinTokens.status.former).toEqual([]);
  });

  it('cannot rotate what a setting has given', async () => {
    const given = await JoinTokens.create({
      token: first,
      file: undefined,
      store: stage.store.access,
      clock: stage.clock,
    });
    await expect(given.rotate({ ...stage.author, overlapMs: 0 })).rejects.toMatchObject({
      code: 'HEADGATE_NOT_ROTATABLE',
      message: expect.stringContaining('HEADGATE_JOIN_TOKEN') as string,
    });
    expect(given.status).toEqual({ source: 'setting', createdAt: undefined, former: [] });
    expect(readFileSync(file, 'utf8')).toBe(`${first}\n`);
    given.close();
  });

  it('changes nothing when the file cannot be written', async () => {
    joinTokens.close();
    const gone = join(stage.dataDir, 'gone', 'join-token');
    joinTokens = await open(gone);
    await expect(rotate(0)).rejects.toMatchObject({ code: 'HEADGATE_UNAVAILABLE' });
    expect(joinTokens.authenticate(first)?.aborted).toBe(false);
    expect(await stage.audit()).toEqual([]);
    await rm(join(stage.dataDir, 'gone'), { force: true, recursive: true });
  });

  it('keeps a bounded number of former tokens', async () => {
    for (let times = 0; times < 10; times++) await rotate(hour);
    await expect(rotate(hour)).rejects.toMatchObject({ code: 'HEADGATE_IN_USE' });
    stage.clock.advance(hour);
    await rotate(hour);
    expect(await stage.audit()).toHaveLength(11);
  });
});
