import { eventually } from './eventually.cases.ts';
import { StreamStage } from './stream-stage.cases.ts';

const digest = Buffer.alloc(16, 9);

describe('a data plane that holds something else', () => {
  let stage: StreamStage;
  beforeEach(async () => {
    stage = await StreamStage.open();
  });
  afterEach(() => stage.close());

  it('keeps its configuration while this store is empty, is shown, and follows once there is one', async () => {
    const peer = stage.connect();
    peer.hello('dp', { epoch: 'lost', version: 40, digest });
    expect(await peer.next('welcome')).toMatchObject({ epoch: 'own', version: 1, updateFollows: false });
    await eventually('it is rejected', () => stage.state('dp') === 'rejected');
    expect(stage.record('dp')).toMatchObject({ epoch: 'lost', version: 40, problem: { code: 'empty_epoch' } });
    stage.history.putBackend('web');
    expect(await peer.accept()).toMatchObject({ epoch: 'own', version: 2, baseVersion: 0 });
    await eventually('it is live', () => stage.state('dp') === 'live');
    expect(stage.record('dp')?.problem).toBeUndefined();
  });

  it('gets everything when it comes with another epoch and this store has a configuration', async () => {
    stage.history.addSite('web');
    const peer = stage.connect();
    peer.hello('dp', { epoch: 'other', version: 40, digest });
    await peer.next('welcome');
    expect(await peer.accept()).toMatchObject({ epoch: 'own', version: 2, baseVersion: 0 });
  });

  it('is left alone for good when it has left this epoch, and shown', async () => {
    stage.history.addSite('web');
    const peer = stage.connect();
    peer.hello('dp', { epoch: 'other', version: 40, digest });
    await peer.next('welcome');
    await peer.refuse('epoch_left');
    await eventually('it is shown', () => stage.record('dp')?.problem?.code === 'epoch_left');
    stage.history.putBackend('next');
    expect(stage.state('dp')).toBe('rejected');
    const other = stage.connect();
    other.hello('other');
    await other.next('welcome');
    await other.accept();
    expect(peer.received).toEqual([]);
  });

  it('is sent nothing while it is ahead of this store, is shown, and gets everything when the store is past it', async () => {
    stage.history.addSite('web');
    const peer = stage.connect();
    peer.hello('dp', { epoch: 'own', version: 4, digest });
    expect(await peer.next('welcome')).toMatchObject({ version: 2, updateFollows: false });
    await eventually('it is rejected', () => stage.state('dp') === 'rejected');
    expect(stage.record('dp')?.problem).toMatchObject({
      code: 'version_ahead',
      detail: expect.stringContaining('4') as string,
    });
    stage.history.putBackend('a');
    stage.history.putBackend('b');
    expect(stage.state('dp')).toBe('rejected');
    stage.history.putBackend('c');
    expect(await peer.accept()).toMatchObject({ version: 5, baseVersion: 0 });
    await eventually('it is live', () => stage.state('dp') === 'live');
  });
});
