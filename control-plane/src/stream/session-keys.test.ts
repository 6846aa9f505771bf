import type { SessionKeySet } from '../session-keys/session-key.ts';
import { eventually } from './eventually.cases.ts';
import type { RawDataPlane } from './raw-data-plane.cases.ts';
import { StreamStage } from './stream-stage.cases.ts';

const [a, b] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const one: SessionKeySet = [{ id: 'aaaa', secret: a, createdAt: 0, state: 'issuing' }];
const two: SessionKeySet = [{ id: 'bbbb', secret: b, createdAt: 1, state: 'accepted', graceMs: 5 }, ...one];

describe('the session keys on the stream', () => {
  let stage: StreamStage;
  let peer: RawDataPlane;
  beforeEach(async () => {
    stage = await StreamStage.open();
    stage.history.addSite('web');
    peer = stage.connect();
  });
  afterEach(() => stage.close());

  it('come after Welcome and before the first snapshot, so that no session is taken for forged', async () => {
    stage.sessionKeys.set(two);
    peer.hello('dp');
    await peer.next('welcome');
    expect(await peer.next('sessionKeys')).toEqual({
      keys: [
        { id: 'bbbb', secret: b, issuing: false },
        { id: 'aaaa', secret: a, issuing: true },
      ],
    });
    await peer.accept();
  });

  it('come to every data plane when they change, also while an update is not answered', async () => {
    const other = stage.connect();
    for (const [each, id] of [
      [peer, 'dp'],
      [other, 'dp2'],
    ] as const) {
      each.hello(id);
      await each.next('welcome');
      await each.update();
    }
    stage.sessionKeys.set(one);
    for (const each of [peer, other]) expect(await each.next('sessionKeys')).toMatchObject({ keys: [{ id: 'aaaa' }] });
    stage.sessionKeys.set(two);
    for (const each of [peer, other]) expect((await each.next('sessionKeys')).keys).toHaveLength(2);
  });

  it('are not sent while there are none', async () => {
    peer.hello('dp');
    await peer.next('welcome');
    await peer.accept();
    expect(peer.received).toEqual([]);
  });

  it('are sent once to one that comes back, the newest alone', async () => {
    stage.sessionKeys.set(one);
    stage.sessionKeys.set(two);
    const { id, digest } = stage.history.newest;
    peer.hello('dp', { ...id, digest: digest.toBytes() });
    await peer.next('welcome');
    expect((await peer.next('sessionKeys')).keys).toHaveLength(2);
    stage.history.putBackend('later');
    await peer.accept();
    expect(peer.received).toEqual([]);
  });

  it('are skipped by a data plane that has stopped reading, which gets the newest when it reads again', async () => {
    stage.sessionKeys.set(one);
    peer.hello('dp');
    await peer.next('welcome');
    await peer.next('sessionKeys');
    await peer.accept();
    peer.pause();
    // More than what network and stream take in before they hold a writer up.
    const many = 4_000;
    for (let index = 1; index <= many; index++) {
      stage.sessionKeys.set(one.map((key) => ({ ...key, id: String(index) })));
    }
    peer.resume();
    await eventually('the newest has come', () => peer.received.some(isOf(many)));
    expect(peer.received.length).toBeLessThan(many / 10);
  });
});

function isOf(index: number) {
  return (message: RawDataPlane['received'][number]): boolean =>
    message.$case === 'sessionKeys' && message.value.keys[0]?.id === String(index);
}
