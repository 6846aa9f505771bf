import { SnapshotUpdate, type SessionKey as WireKey } from '@headgate/proto/generated/headgate/v1/control_plane';
import { ManualClock } from '@headgate/shared/manual-clock';
import { Registry } from 'prom-client';
import type { SessionKeySet } from '../affinity/session-key.ts';
import { eventually } from '../proxy/conformance/eventually.ts';
import { backend } from '../routing/snapshot-objects.cases.ts';
import { ControlPlaneClient } from './control-plane-client.ts';
import { DeviationSet } from './deviation-set.cases.ts';
import { say, ScriptedControlPlane, welcome } from './scripted-control-plane.cases.ts';
import type { SnapshotKeeper } from './snapshot-keeper.ts';
import { StatusBoard } from './status-board.ts';
import { openKeeper, silent, VersionedObjects } from './sync-stage.cases.ts';

type Down = Parameters<typeof say>[1];

const key: WireKey = { id: 'aaaa', secret: Buffer.alloc(32, 1), issuing: true };
const other: WireKey = { id: 'bbbb', secret: Buffer.alloc(32, 2), issuing: false };

function keys(...these: readonly WireKey[]): Down {
  return { $case: 'sessionKeys', value: { keys: [...these] } };
}

function update(epoch: string): Down {
  const objects = new VersionedObjects(epoch);
  const { upserts, digest, id } = (objects.change({ put: [backend('web')] }), objects.full());
  const all = { ...id, baseVersion: 0, upserts: [...upserts], last: true, digest };
  return {
    $case: 'update',
    value: SnapshotUpdate.fromPartial(all as Parameters<typeof SnapshotUpdate.fromPartial>[0]),
  };
}

describe('session keys from a control plane', () => {
  let controlPlane: ScriptedControlPlane;
  let client: ControlPlaneClient;
  let board: StatusBoard;
  let keeper: SnapshotKeeper;
  let received: SessionKeySet[];
  const clock = new ManualClock();
  beforeEach(async () => {
    controlPlane = new ScriptedControlPlane();
    board = new StatusBoard({ clock, logger: silent, registry: new Registry() });
    ({ keeper } = openKeeper());
    received = [];
    client = clientOf(await controlPlane.start());
  });
  afterEach(async () => {
    await client.close();
    controlPlane.close();
  });

  function clientOf(port: number): ControlPlaneClient {
    return new ControlPlaneClient({
      controlPlanes: [{ host: '127.0.0.1', port }],
      joinToken: 'token',
      identity: { id: 'dp', labels: {}, softwareVersion: '1.0.0', threads: 1 },
      keeper,
      board,
      deviations: new DeviationSet(),
      sessionKeys: { set: (these) => void received.push(these) },
      explain: () => ({}),
      logger: silent,
      clock,
    });
  }

  function play(...messages: readonly Down[]): void {
    controlPlane.script = (stream) => {
      for (const message of messages) say(stream, message);
    };
    client.start();
  }

  it('hold at once for a data plane that serves nothing yet', async () => {
    play(welcome(), keys(other, key), keys(key));
    await eventually(() => received.length === 2, 'both sets have come');
    expect(received).toEqual([[other, key], [key]]);
  });

  it('of another store wait until its snapshot is served', async () => {
    play(welcome({ epoch: 'e' }), update('e'));
    await eventually(() => keeper.kept.value.held.id.epoch === 'e', 'the first store is followed');
    const stream = controlPlane.streams[0]!;
    say(stream, keys(key));
    await eventually(() => received.length === 1, 'its keys hold');
    await client.close();

    const next = new ScriptedControlPlane();
    let goOn: () => void = () => undefined;
    next.script = (theirs) => {
      say(theirs, welcome({ epoch: 'f' }));
      say(theirs, keys(other));
      say(theirs, { $case: 'ping', value: { nonce: 7 } });
      goOn = () => say(theirs, update('f'));
    };
    const follower = clientOf(await next.start());
    follower.start();
    try {
      await eventually(() => next.of('liveness').some(({ nonce }) => nonce === 7), 'what came before is read');
      expect(received).toHaveLength(1);
      goOn();
      await eventually(() => received.length === 2, 'the keys of the new store hold');
      expect(received[1]).toEqual([other]);
      expect(keeper.kept.value.held.id.epoch).toBe('f');
    } finally {
      await follower.close();
      next.close();
    }
  });

  it.each<[string, readonly WireKey[]]>([
    ['two of one id', [key, { ...other, id: 'aaaa' }]],
    ['two that issue', [key, { ...other, issuing: true }]],
    ['one with a strange id', [{ ...key, id: 'a.b' }]],
    ['one without an id', [{ ...key, id: '' }]],
    ['one that is too short', [{ ...key, secret: Buffer.alloc(31) }]],
    ['too many', Array.from({ length: 17 }, (_, index) => ({ ...other, id: `k${index}` }))],
  ])('are refused as a breach of the protocol when there is %s, and the last ones stay', async (_, bad) => {
    play(welcome(), keys(key), keys(...bad));
    await eventually(() => board.status.value.lastError !== undefined, 'the stream has ended');
    expect(JSON.stringify(board.status.value.lastError)).toContain('does not keep to the protocol');
    expect(received).toEqual([[key]]);
  });

  it('are refused before Welcome', async () => {
    play(keys(key));
    await eventually(() => board.status.value.lastError !== undefined, 'the stream has ended');
    expect(received).toEqual([]);
  });
});
