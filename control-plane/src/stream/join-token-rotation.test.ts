import { status } from '@grpc/grpc-js';
import { eventually } from './eventually.cases.ts';
import { StreamStage } from './stream-stage.cases.ts';

/** Tokens that a test takes back. */
function tokens(...texts: readonly string[]) {
  const accepted = new Map(texts.map((text) => [text, new AbortController()]));
  return {
    check: { authenticate: (token: string) => accepted.get(token)?.signal },
    takeBack(text: string) {
      accepted.get(text)?.abort();
      accepted.delete(text);
    },
  };
}

describe('a join token that is taken back', () => {
  it('ends the streams that came by it and no other, and lets nobody in any more', async () => {
    const { check, takeBack } = tokens('old', 'new');
    const stage = await StreamStage.open({ joinTokens: check });
    const [before, after] = [stage.connect('old'), stage.connect('new')];
    before.hello('a');
    after.hello('b');
    await before.next('welcome');
    await after.next('welcome');
    takeBack('old');
    expect(await before.ended()).toMatchObject({
      code: status.UNAUTHENTICATED,
      details: expect.stringContaining('was replaced') as string,
    });
    await eventually('it is gone', () => stage.state('a') === 'gone');
    const again = stage.connect('old');
    again.hello('a');
    expect((await again.ended()).code).toBe(status.UNAUTHENTICATED);
    expect(stage.state('b')).not.toBe('gone');
    expect(after.error).toBeUndefined();
    await stage.close();
  });
});

describe('bad join tokens', () => {
  it('are counted by address and told of, and too many are answered RESOURCE_EXHAUSTED', async () => {
    const refusals: unknown[] = [];
    let attempts = 0;
    const { check } = tokens('good');
    const stage = await StreamStage.open({
      joinTokens: check,
      countBadToken: () => (++attempts > 2 ? 30_000 : 0),
      onBadToken: (refusal) => refusals.push(refusal),
    });
    const codes: unknown[] = [];
    for (const token of ['x', undefined, 'y', 'z']) codes.push((await stage.connect(token).ended()).code);
    expect(codes).toEqual([16, 16, 16, 8]);
    expect(attempts).toBe(3);
    const remote = '127.0.0.1';
    expect(refusals).toEqual([
      ...Array.from({ length: 3 }, () => ({ remote, code: 'UNAUTHENTICATED' })),
      { remote, code: 'RESOURCE_EXHAUSTED' },
    ]);
    const good = stage.connect('good');
    good.hello('a');
    await good.next('welcome');
    await stage.close();
  });
});
