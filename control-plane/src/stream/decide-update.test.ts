import { ConfigurationHistory } from '../snapshot/configuration-history.cases.ts';
import { decideUpdate, type PeerState } from './decide-update.ts';

const history = new ConfigurationHistory('own');
history.addSite('web');
history.addSite('api');
const { newest } = history;
const empty = new ConfigurationHistory('own').newest;
const someDigest = Buffer.alloc(16, 9);
const full = { kind: 'send', base: 0 };

function decide(peer: Partial<PeerState>, snapshot = newest): ReturnType<typeof decideUpdate> {
  const nothing = { held: { epoch: '', version: 0 }, digest: undefined, ahead: false, refused: undefined };
  return decideUpdate({ ...nothing, ...peer }, snapshot);
}

function holding(version: number, epoch = 'own'): Pick<PeerState, 'held' | 'digest'> {
  return { held: { epoch, version }, digest: someDigest };
}

function refused(code: string, wasFull: boolean, version = newest.id.version): Pick<PeerState, 'refused'> {
  return { refused: { id: { epoch: 'own', version }, codes: new Set([code]), full: wasFull } };
}

describe('deciding what a data plane is sent', () => {
  it('is everything when it holds nothing, even when that is empty', () => {
    expect(decide({})).toEqual(full);
    expect(decide({}, empty)).toEqual(full);
  });

  it('is nothing when it holds the newest version with its digest, said or acknowledged', () => {
    expect(decide({ ...holding(3), digest: newest.digest.toBytes() })).toEqual({ kind: 'up_to_date' });
    expect(decide({ ...holding(3), digest: undefined })).toEqual({ kind: 'up_to_date' });
  });

  it('is everything when it holds the newest version with another digest', () => {
    expect(decide(holding(3))).toEqual(full);
  });

  it('is a delta from an older version', () => {
    expect(decide(holding(2))).toEqual({ kind: 'send', base: 2 });
  });

  it('is everything when it comes with another epoch and this store has a configuration', () => {
    expect(decide(holding(90, 'other'))).toEqual(full);
  });

  it('is nothing when it comes with a configuration of another epoch and this store is empty', () => {
    expect(decide(holding(90, 'other'), empty)).toMatchObject({ kind: 'stranded', problem: { code: 'empty_epoch' } });
  });

  it('is everything when both are empty: there is nothing to lose', () => {
    expect(decide({ ...holding(90, 'other'), digest: Buffer.alloc(16) }, empty)).toEqual(full);
  });

  it('is nothing when it has left this epoch, now and for every later version', () => {
    const peer = { ...holding(90, 'other'), ...refused('epoch_left', true) };
    expect(decide(peer)).toMatchObject({ kind: 'stranded', problem: { code: 'epoch_left' } });
    const earlier = { ...holding(90, 'other'), ...refused('epoch_left', true, 2) };
    expect(decide(earlier)).toMatchObject({ kind: 'stranded', problem: { code: 'epoch_left' } });
  });

  it('is nothing when it holds a version that this store has not reached, and everything once it is past', () => {
    expect(decide(holding(4))).toMatchObject({ kind: 'stranded', problem: { code: 'version_ahead' } });
    expect(decide({ ...holding(3), ahead: true })).toMatchObject({ problem: { code: 'version_ahead' } });
    expect(decide({ ...holding(2), ahead: true })).toEqual(full);
  });

  it('is nothing after a refusal of the newest, and a delta on what it holds for the next', () => {
    expect(decide({ ...holding(2), ...refused('unknown_backend', false) })).toEqual({ kind: 'wait' });
    expect(decide({ ...holding(1), ...refused('unknown_backend', false, 2) })).toEqual({ kind: 'send', base: 1 });
  });

  it.each(['digest_mismatch', 'base_unknown'])('is everything, once, after a delta was refused as %s', (code) => {
    expect(decide({ ...holding(2), ...refused(code, false) })).toEqual(full);
    expect(decide({ ...holding(2), ...refused(code, true) })).toEqual({ kind: 'wait' });
  });
});
