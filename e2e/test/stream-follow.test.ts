import type { ConfigurationHistory } from '@headgate/control-plane/snapshot/configuration-history.cases';
import { initialSnapshot } from '@headgate/control-plane/snapshot/initial-snapshot';
import { SnapshotLog, type StoredVersions } from '@headgate/control-plane/snapshot/snapshot-log';
import { encodeObject } from '@headgate/proto/object-codec';
import { waitUntil } from '../src/harness/wait-until.ts';
import { LowerEnd, UpperEnd, type LowerEndOptions, type UpperEndOptions } from './stream-link.ts';

describe('a data plane and its control plane', () => {
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

  it('go from nothing to each new version', async () => {
    const upper = await above();
    upper.history.addSite('web');
    const lower = below({ ports: [upper.port] });
    await waitUntil('the first version is live', () => upper.state('dp') === 'live');
    expect(lower.serving.table.value.backends.get('web')?.candidates).toHaveLength(2);
    expect(lower.status).toMatchObject({
      connected: true,
      source: 'stream',
      synchronised: true,
      staleSince: undefined,
    });
    upper.history.putServer('web', 9_000);
    await waitUntil('the second version is live', () => upper.state('dp') === 'live' && lower.version === 3);
    expect(lower.serving.table.value.backends.get('web')?.candidates).toHaveLength(3);
    expect([await upper.sent('full'), await upper.sent('delta')]).toEqual([1, 1]);
  });

  it('send nothing when the stream breaks and nothing has changed', async () => {
    const upper = await above();
    upper.history.addSite('web');
    const lower = below({ ports: [upper.port] });
    await waitUntil('it is live', () => upper.state('dp') === 'live');
    await upper.close();
    await waitUntil('it has noticed', () => !lower.status.connected);
    expect(lower.status.staleSince).toBeDefined();
    const again = await above({ history: upper.history, port: upper.port });
    await waitUntil('it is back', () => lower.status.connected);
    expect(again.state('dp')).toBe('live');
    expect(lower.status.staleSince).toBeUndefined();
    expect([await again.sent('full'), await again.sent('delta')]).toEqual([0, 0]);
    expect(lower.changes).toHaveLength(1);
  });

  it('go on by a delta after a restart of the control plane', async () => {
    const { history, port, ...upper } = { ...(await lived()) };
    history.putServer('web', 9_000);
    history.deleteHost('web.example');
    const commitsSince = async (version: number) => history.commits.filter((commit) => commit.version > version);
    const stored: StoredVersions = {
      commitsSince,
      membershipSince: async (from) => ({ from, steps: [] }),
      revisions: async () => ({ kept: { oldest: 1, newest: 0 }, items: [] }),
    };
    const log = await SnapshotLog.fromStore(stored, initialSnapshot(history.intent));
    const again = await above({ history, log, port });
    await waitUntil('it is live', () => again.state('dp') === 'live' && upper.lower.version === 4);
    expect([await again.sent('full'), await again.sent('delta')]).toEqual([0, 1]);
  });

  /** A control plane that was followed and has ended. */
  async function lived(): Promise<{ history: ConfigurationHistory; port: number; lower: LowerEnd }> {
    const upper = await above();
    const { history, port } = upper;
    history.addSite('web');
    const lower = below({ ports: [port] });
    await waitUntil('it is live', () => upper.state('dp') === 'live');
    await upper.close();
    return { history, port, lower };
  }

  it('have one update in flight, however slow it is applied, and go to the newest then', async () => {
    const upper = await above();
    const lower = below({ ports: [upper.port] });
    await waitUntil('it is live', () => upper.state('dp') === 'live');
    const openGate = lower.shutGate();
    upper.history.addSite('web');
    await waitUntil('the update is being applied', () => lower.changes.length === 2);
    for (let port = 1; port <= 50; port++) upper.history.putServer('web', port);
    expect(upper.state('dp')).toBe('lagging');
    expect(lower.version).toBe(1);
    openGate();
    await waitUntil('it is live', () => upper.state('dp') === 'live');
    expect(lower.changes.map(({ id }) => id.version)).toEqual([1, 2, 52]);
  });

  it('show a snapshot that cannot be served, serve on, and apply the next good one', async () => {
    const upper = await above();
    upper.history.addSite('web');
    const other = below({ ports: [upper.port], id: 'other' });
    const lower = below({ ports: [upper.port] });
    await waitUntil('both are live', () => ['dp', 'other'].every((id) => upper.state(id) === 'live'));
    const before = lower.serving.table.value;
    publishBad(upper.history);
    await waitUntil('both have refused it', () => ['dp', 'other'].every((id) => upper.state(id) === 'rejected'));
    expect(lower.serving.table.value).toBe(before);
    expect(upper.record('dp')).toMatchObject({
      version: 2,
      lastNack: {
        version: 3,
        errors: [{ object: 'host/bad.example', code: expect.any(String) as string }],
        totalErrors: 1,
      },
    });
    expect(lower.status.lastNack).toMatchObject({ id: { version: 3 }, faults: { total: 1 } });
    publishGood(upper.history);
    await waitUntil('both are live', () => ['dp', 'other'].every((id) => upper.state(id) === 'live'));
    expect([lower.version, other.version]).toEqual([4, 4]);
  });

  it('tell what is known about the health of servers', async () => {
    const upper = await above();
    const lower = new LowerEnd({ ports: [upper.port] });
    lower.deviations.set('web/10.0.0.1:1');
    open.push(lower.client);
    lower.client.start();
    await waitUntil('the full set is there', () => upper.record('dp')?.health.length === 1);
    lower.deviations.set('web/10.0.0.1:2');
    lower.deviations.clear('web/10.0.0.1:1');
    await waitUntil('the change is there', () => upper.record('dp')?.health[0]?.server === 'web/10.0.0.1:2');
    expect(upper.record('dp')?.health).toEqual([
      { server: 'web/10.0.0.1:2', verdict: 'unhealthy', sinceMs: 5, lastError: 'refused' },
    ]);
  });

  it('say why a join token is refused, and go on trying', async () => {
    const upper = await above({ joinToken: 'right' });
    const lower = below({ ports: [upper.port], joinToken: 'wrong' });
    await waitUntil('it was refused', () => lower.status.lastError?.reason.startsWith('UNAUTHENTICATED') === true);
    expect(lower.status).toMatchObject({ connected: false, controlPlaneMissed: true });
    expect(JSON.stringify(lower.status)).not.toMatch(/right|wrong"/);
    const first = lower.status.lastError!;
    await waitUntil('it was refused again', () => lower.status.lastError !== first);
    const good = below({ ports: [upper.port], joinToken: 'right', id: 'good' });
    await waitUntil('the other one is live', () => good.status.connected);
    expect(upper.record('dp')).toBeUndefined();
  });

  it('find each other when the first control plane of the list is not there', async () => {
    const gone = await UpperEnd.open();
    await gone.close();
    const upper = await above();
    below({ ports: [gone.port, upper.port] });
    await waitUntil('it is live', () => upper.state('dp') === 'live');
  });

  it('answer a question of who is there while an update is applied, and refuse a second process', async () => {
    const upper = await above();
    const first = below({ ports: [upper.port] });
    await waitUntil('it is live', () => upper.state('dp') === 'live');
    const openGate = first.shutGate();
    upper.history.addSite('web');
    await waitUntil('the update is being applied', () => first.changes.length === 2);
    const second = below({ ports: [upper.port] });
    await waitUntil(
      'the second is refused',
      () => second.status.lastError?.reason.startsWith('ALREADY_EXISTS') === true,
    );
    expect(upper.record('dp')?.problem?.code).toBe('duplicate_id');
    expect(first.status.connected).toBe(true);
    openGate();
    await waitUntil('the first is live', () => upper.state('dp') === 'live');
    expect(second.version).toBe(0);
  });
});

/** A host whose backend is nowhere, which no API would let through. */
function publishBad({ log }: ConfigurationHistory): void {
  const { id, objects, digest } = log.latest.value;
  const value = { pattern: 'bad.example', routes: [{ backend: 'nowhere' }] };
  const bad = encodeObject({ kind: 'host', value });
  const draft = objects.edit();
  draft.set('host/bad.example', bad);
  const sum = digest.clone();
  sum.add(bad.kind, bad.body);
  const snapshot = { id: { ...id, version: id.version + 1 }, objects: draft.done(), digest: sum };
  log.publish({ snapshot, changed: new Set(['host/bad.example']) });
}

/** The same without that host. */
function publishGood({ log }: ConfigurationHistory): void {
  const { id, objects, digest } = log.latest.value;
  const bad = objects.get('host/bad.example')!;
  const draft = objects.edit();
  draft.delete('host/bad.example');
  const sum = digest.clone();
  sum.remove(bad.kind, bad.body);
  const snapshot = { id: { ...id, version: id.version + 1 }, objects: draft.done(), digest: sum };
  log.publish({ snapshot, changed: new Set(['host/bad.example']) });
}
