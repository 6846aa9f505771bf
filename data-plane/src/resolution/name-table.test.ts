import type { LookupAddress } from 'node:dns';
import { NameTable, type KnownName } from './name-table.ts';
import { UnresolvedNameError } from './unresolved-name-error.ts';

const NAME = 'web.test';

describe('NameTable', () => {
  let table: NameTable;
  beforeEach(() => {
    table = new NameTable();
    table.expect(NAME);
  });

  /** What a connection would try, in order, or why it would fail. */
  const lookUp = (name = NAME): Promise<readonly string[] | string> =>
    new Promise((resolve) => {
      table.lookup(name, { all: true }, (error, addresses) => {
        if (error instanceof UnresolvedNameError) resolve(error.reason);
        else resolve((addresses as LookupAddress[]).map(({ address, family }) => `${address}/${family}`));
      });
    });

  it('gives addresses in turn, and a few more to fall back to', async () => {
    table.set(NAME, ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5']);
    expect(await lookUp()).toEqual(['10.0.0.1/4', '10.0.0.2/4', '10.0.0.3/4', '10.0.0.4/4']);
    expect(await lookUp()).toEqual(['10.0.0.2/4', '10.0.0.3/4', '10.0.0.4/4', '10.0.0.5/4']);
    for (let more = 0; more < 3; more++) await lookUp();
    expect(await lookUp()).toEqual(['10.0.0.1/4', '10.0.0.2/4', '10.0.0.3/4', '10.0.0.4/4']);
  });

  it('gives one address to whoever asks for one', () => {
    table.set(NAME, ['10.0.0.1', 'fd00::1']);
    const answers: unknown[] = [];
    for (let ask = 0; ask < 2; ask++) table.lookup(NAME, {}, (...answer) => void answers.push(answer));
    expect(answers).toEqual([
      [null, '10.0.0.1', 4],
      [null, 'fd00::1', 6],
    ]);
  });

  it('takes both families by turns', async () => {
    table.set(NAME, ['10.0.0.1', '10.0.0.2', '10.0.0.3', 'fd00::1']);
    expect(await lookUp()).toEqual(['10.0.0.1/4', 'fd00::1/6', '10.0.0.2/4', '10.0.0.3/4']);
  });

  it('lets connections wait until something was found out', async () => {
    const [one, other] = [lookUp(), lookUp()];
    table.set(NAME, ['10.0.0.1', '10.0.0.2']);
    expect(await one).toEqual(['10.0.0.1/4', '10.0.0.2/4']);
    expect(await other).toEqual(['10.0.0.2/4', '10.0.0.1/4']);
  });

  it('fails those that wait when nothing was found out, and all that come until something is', async () => {
    const waiting = lookUp();
    table.fail(NAME, 'nobody knows it');
    expect(await waiting).toBe('nobody knows it');
    expect(await lookUp()).toBe('nobody knows it');
    table.set(NAME, ['10.0.0.1']);
    expect(await lookUp()).toEqual(['10.0.0.1/4']);
  });

  it('keeps what was known when nothing can be found out', async () => {
    table.set(NAME, ['10.0.0.1']);
    table.fail(NAME, 'nobody answers');
    table.set(NAME, []);
    expect(await lookUp()).toEqual(['10.0.0.1/4']);
  });

  it('fails those that wait for a name that is forgotten, and knows nothing of it any more', async () => {
    const waiting = lookUp();
    table.forget(NAME);
    expect(await waiting).toBe('no server has it');
    table.set(NAME, ['10.0.0.1']);
    expect(await lookUp()).toBe('no server has it');
    expect([table.size, [...table.known()]]).toEqual([0, []]);
  });

  it('says which addresses are current', () => {
    table.set(NAME, ['10.0.0.1']);
    expect([table.isCurrent(NAME, '10.0.0.1'), table.isCurrent(NAME, '10.0.0.2')]).toEqual([true, false]);
    expect([table.isCurrent(NAME, undefined), table.isCurrent('other.test', '10.0.0.1')]).toEqual([false, false]);
  });

  it('tells of changes, and only of them, so that another table can follow', async () => {
    const told: KnownName[] = [];
    const stop = table.onChange((known) => void told.push(known));
    table.fail(NAME, 'nobody knows it');
    table.fail(NAME, 'nobody knows it');
    table.set(NAME, ['10.0.0.1']);
    table.set(NAME, ['10.0.0.1']);
    table.set(NAME, ['10.0.0.2', '10.0.0.1']);
    stop();
    table.set(NAME, ['10.0.0.3']);
    expect(told).toEqual([
      { name: NAME, addresses: [], failure: 'nobody knows it' },
      { name: NAME, addresses: ['10.0.0.1'], failure: '' },
      { name: NAME, addresses: ['10.0.0.2', '10.0.0.1'], failure: '' },
    ]);
    const follower = new NameTable();
    follower.expect(NAME);
    for (const known of told) follower.note(known);
    expect([...follower.known()]).toEqual([told.at(-1)]);
  });
});
