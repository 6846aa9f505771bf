import { Welcome } from '@headgate/proto/generated/headgate/v1/control_plane';
import { ManualClock } from '@headgate/shared/manual-clock';
import { Registry } from 'prom-client';
import { StatusBoard } from './status-board.ts';
import type { SyncStatus } from './sync-status.ts';
import { silent } from './sync-stage.cases.ts';

const id = { epoch: 'e', version: 3 };

describe('the status of synchronisation', () => {
  let clock: ManualClock;
  let registry: Registry;
  let board: StatusBoard;
  beforeEach(() => {
    clock = new ManualClock();
    registry = new Registry();
    board = new StatusBoard({ clock, logger: silent, registry });
  });

  function status(): SyncStatus {
    return board.status.value;
  }

  function welcome(version: number, updateFollows: boolean): void {
    board.welcomed(Welcome.fromPartial({ epoch: 'e', version, updateFollows }));
  }

  async function metric(name: string): Promise<unknown> {
    return (await registry.getSingleMetric(name)!.get()).values[0]?.value;
  }

  it('is stale from the start until the newest snapshot is served', () => {
    const start = clock.now();
    expect(status()).toMatchObject({ staleSince: start, source: 'none', synchronised: false });
    clock.advance(10);
    welcome(3, true);
    expect(status()).toMatchObject({ connected: true, staleSince: start, synchronised: false });
    board.applied(id, true);
    expect(status()).toMatchObject({
      staleSince: undefined,
      source: 'stream',
      synchronised: true,
      appliedAt: clock.now(),
    });
  });

  it('is as old as the disk copy until the control plane says that it is the newest', async () => {
    const savedAt = clock.now() - 60_000;
    board.restored(id, savedAt);
    expect(status()).toMatchObject({ source: 'disk', appliedAt: savedAt, staleSince: savedAt });
    expect(await metric('headgate_snapshot_age_seconds')).toBe(60);
    welcome(3, false);
    expect(status()).toMatchObject({ source: 'disk', staleSince: undefined, synchronised: true });
    expect(await metric('headgate_snapshot_age_seconds')).toBe(0);
  });

  it('stays stale, and is synchronised all the same, when the control plane has nothing that can be followed', () => {
    board.restored({ epoch: 'other', version: 9 }, 5);
    welcome(1, false);
    expect(status()).toMatchObject({ connected: true, staleSince: 5, synchronised: true });
  });

  it('is stale since the stream has ended', async () => {
    welcome(3, true);
    board.applied(id, false);
    clock.advance(10);
    board.disconnected('127.0.0.1:1', 'UNAVAILABLE: gone');
    const since = clock.now();
    clock.advance(2_000);
    board.disconnected('127.0.0.1:1', 'UNAVAILABLE: gone');
    expect(status()).toMatchObject({ connected: false, staleSince: since, controlPlaneMissed: true });
    expect(status().lastError).toEqual({ at: clock.now(), reason: 'UNAVAILABLE: gone' });
    expect(await metric('headgate_control_plane_connected')).toBe(0);
    expect(await metric('headgate_snapshot_version')).toBe(3);
  });

  it('is stale since a snapshot was refused, until one is applied', () => {
    welcome(3, true);
    board.applied(id, false);
    clock.advance(10);
    const faults = { listed: [], total: 1 };
    board.refused({ epoch: 'e', version: 4 }, faults);
    expect(status()).toMatchObject({ id, staleSince: clock.now(), lastNack: { id: { version: 4 }, faults } });
    board.applied({ epoch: 'e', version: 5 }, false);
    expect(status()).toMatchObject({ staleSince: undefined, lastNack: { id: { version: 4 } } });
  });

  it('counts its age whatever the wall clock does', () => {
    board.restored(id, clock.now() - 60_000);
    clock.jump(7_200_000);
    clock.advance(1_000);
    expect(board.staleForMs).toBe(61_000);
    clock.jump(-86_400_000);
    board.disconnected('127.0.0.1:1', 'UNAVAILABLE: gone');
    expect(board.staleForMs).toBe(61_000);
    welcome(3, false);
    expect(board.staleForMs).toBeUndefined();
    board.disconnected('127.0.0.1:1', 'UNAVAILABLE: gone');
    clock.advance(500);
    expect(board.staleForMs).toBe(500);
  });

  it('is confirmed once a control plane has sent it or said that it is the newest, and not by a refusal', () => {
    board.restored(id, clock.now());
    welcome(4, true);
    board.refused({ epoch: 'e', version: 4 }, { listed: [], total: 1 });
    expect(status()).toMatchObject({ synchronised: true, confirmed: false });
    board.disconnected('127.0.0.1:1', 'UNAVAILABLE: gone');
    welcome(3, false);
    expect(status().confirmed).toBe(true);
    board.disconnected('127.0.0.1:1', 'UNAVAILABLE: gone');
    expect(status().confirmed).toBe(true);
  });
});
