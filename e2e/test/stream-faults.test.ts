import { ConfigurationHistory } from '@headgate/control-plane/snapshot/configuration-history.cases';
import { waitUntil } from '../src/harness/wait-until.ts';
import { SilentProxy } from './silent-proxy.ts';
import { LowerEnd, UpperEnd, type LowerEndOptions, type UpperEndOptions } from './stream-link.ts';

const quick = { keepaliveTimeMs: 100, keepaliveTimeoutMs: 200 };

describe('faults between a data plane and control planes', () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const end of open.splice(0).reverse()) await end.close();
  });

  async function above(options?: UpperEndOptions): Promise<UpperEnd> {
    const upper = await UpperEnd.open(options);
    open.push(upper);
    return upper;
  }

  function below(options: LowerEndOptions): LowerEnd {
    const lower = new LowerEnd(options);
    open.push(lower.client);
    lower.client.start();
    return lower;
  }

  async function viaProxy(upper: UpperEnd): Promise<{ proxy: SilentProxy; port: number }> {
    const proxy = new SilentProxy(upper.port);
    open.push(proxy);
    return { proxy, port: await proxy.start() };
  }

  it('are noticed by both ends when the network between them goes silent, and the data plane goes elsewhere', async () => {
    const upper = await above({ limits: quick });
    upper.history.addSite('web');
    const { proxy, port } = await viaProxy(upper);
    const lower = below({ ports: [port, upper.port], timing: quick });
    await waitUntil('it is live', () => upper.state('dp') === 'live');
    const { connectedSince } = upper.record('dp')!;
    proxy.fallSilent();
    await waitUntil('the data plane has noticed', () => lower.status.lastError !== undefined);
    await waitUntil('it is back by another way', () => {
      const record = upper.record('dp');
      return record?.connected === true && record.connectedSince !== connectedSince;
    });
    upper.history.putServer('web', 9_000);
    await waitUntil('it is live', () => upper.state('dp') === 'live' && lower.version === 3);
  });

  it('make a data plane gone that cannot come back, while it serves on', async () => {
    const upper = await above({ limits: quick });
    upper.history.addSite('web');
    const { proxy, port } = await viaProxy(upper);
    const lower = below({ ports: [port], timing: { ...quick, welcomeTimeoutMs: 300 } });
    await waitUntil('it is live', () => upper.state('dp') === 'live');
    proxy.fallSilent();
    await waitUntil('it is gone', () => upper.state('dp') === 'gone');
    await waitUntil('it misses the welcome', () => lower.status.lastError?.reason.includes('welcome') === true);
    expect(lower.version).toBe(2);
    expect(lower.status.staleSince).toBeDefined();
  });

  it('do not make two control planes of different epochs take turns: the later one stays, the other is told', async () => {
    const [first, second] = [await above(history('one')), await above(history('two'))];
    first.history.addSite('first');
    second.history.addSite('second');
    const lower = below({ ports: [first.port, second.port] });
    await waitUntil('the first is followed', () => first.state('dp') === 'live');
    await first.close();
    await waitUntil('the second is followed', () => second.state('dp') === 'live');
    const again = await above({ ...history('one'), history: first.history, port: first.port });
    await second.close();
    await waitUntil('the first is back and knows', () => again.record('dp')?.problem?.code === 'epoch_left');
    expect(again.state('dp')).toBe('rejected');
    expect(again.record('dp')).toMatchObject({ epoch: 'two', version: 2 });
    again.history.putBackend('later');
    expect(lower.serving.table.value.id).toEqual({ epoch: 'two', version: 2 });
    expect(lower.status.synchronised).toBe(true);
  });

  it('do not empty a data plane when the store was lost: it is shown, and followed when it has a configuration', async () => {
    const upper = await above(history('lost'));
    upper.history.addSite('web');
    const lower = below({ ports: [upper.port] });
    await waitUntil('it is live', () => upper.state('dp') === 'live');
    await upper.close();
    const anew = await above({ ...history('new'), port: upper.port });
    await waitUntil('it is shown', () => anew.record('dp')?.problem?.code === 'empty_epoch');
    expect(anew.state('dp')).toBe('rejected');
    expect(lower.serving.table.value.id).toEqual({ epoch: 'lost', version: 2 });
    anew.history.addSite('other');
    await waitUntil('it is live', () => anew.state('dp') === 'live');
    expect(lower.serving.table.value.id).toEqual({ epoch: 'new', version: 2 });
    expect(lower.keeper.kept.value.leftEpochs).toEqual(['lost']);
  });

  it('are shown when the store has lost versions, and over when it is past them', async () => {
    const upper = await above(history('own'));
    for (const name of ['a', 'b', 'c']) upper.history.addSite(name);
    const lower = below({ ports: [upper.port] });
    await waitUntil('it is live', () => upper.state('dp') === 'live');
    await upper.close();
    const behind = await above({ ...history('own'), port: upper.port });
    behind.history.addSite('x');
    await waitUntil('it is shown', () => behind.record('dp')?.problem?.code === 'version_ahead');
    expect(lower.version).toBe(4);
    for (const name of ['y', 'z']) behind.history.addSite(name);
    expect(behind.state('dp')).toBe('rejected');
    behind.history.putBackend('past');
    await waitUntil('it is live', () => behind.state('dp') === 'live');
    expect([...lower.serving.table.value.backends.keys()].sort()).toEqual(['past', 'x', 'y', 'z']);
  });

  it('cost one update in full when what is held has been lost on the way', async () => {
    const upper = await above();
    upper.history.addSite('web');
    const lower = below({ ports: [upper.port] });
    await waitUntil('it is live', () => upper.state('dp') === 'live');
    // As if a bug or a broken memory had changed what is held.
    const { held } = lower.keeper.kept.value;
    held.digest.add(1, Buffer.from('nothing'));
    upper.history.putServer('web', 9_000);
    await waitUntil('it is live', () => upper.state('dp') === 'live' && lower.version === 3);
    expect(lower.status.lastNack?.faults.listed[0]?.code).toBe('digest_mismatch');
    expect([await upper.sent('full'), await upper.sent('delta')]).toEqual([2, 1]);
    expect(lower.keeper.kept.value.held.digest.toBytes()).toEqual(upper.history.newest.digest.toBytes());
  });
});

function history(epoch: string): { readonly history: ConfigurationHistory } {
  return { history: new ConfigurationHistory(epoch) };
}
