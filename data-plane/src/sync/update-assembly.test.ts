import { SnapshotUpdate } from '@headgate/proto/generated/headgate/v1/control_plane';
import { ProtocolError, UpdateAssembly } from './update-assembly.ts';

function chunk(number: number, more: Parameters<typeof SnapshotUpdate.fromPartial>[0] = {}): SnapshotUpdate {
  return SnapshotUpdate.fromPartial({ epoch: 'e', version: 2, baseVersion: 1, chunk: number, ...more });
}

const server = { kind: 2, body: Buffer.from('server') } as const;
const host = { kind: 3, name: 'a.example' } as const;

describe('collecting chunks', () => {
  it('gives the update with its last chunk', () => {
    const assembly = new UpdateAssembly();
    expect(assembly.add(chunk(0, { upserts: [server], requiredFeatures: ['x'] }))).toBeUndefined();
    expect(assembly.add(chunk(1, { removals: [host] }))).toBeUndefined();
    const update = assembly.add(chunk(2, { upserts: [server], last: true, digest: Buffer.from('d') }));
    expect(update).toEqual({
      id: { epoch: 'e', version: 2 },
      baseVersion: 1,
      requiredFeatures: ['x'],
      upserts: [server, server],
      removals: [host],
      digest: Buffer.from('d'),
      tooLarge: false,
    });
  });

  it('begins anew with the next update', () => {
    const assembly = new UpdateAssembly();
    assembly.add(chunk(0, { upserts: [server], last: true }));
    const update = assembly.add(chunk(0, { version: 3, baseVersion: 2, last: true }));
    expect(update).toMatchObject({ id: { version: 3 }, upserts: [] });
  });

  it.each([
    ['the first is missing', [chunk(1)]],
    ['one is missing', [chunk(0), chunk(2)]],
    ['one comes twice', [chunk(0), chunk(0)]],
    ['the version changes', [chunk(0), chunk(1, { version: 3 })]],
    ['the epoch changes', [chunk(0), chunk(1, { epoch: 'f' })]],
    ['the base changes', [chunk(0), chunk(1, { baseVersion: 0 })]],
  ])('breaks off when %s', (_, chunks) => {
    const assembly = new UpdateAssembly();
    expect(() => chunks.forEach((next) => assembly.add(next))).toThrow(ProtocolError);
  });

  it.each([
    ['objects', { objects: 2, bytes: 1_000 }],
    ['bytes', { objects: 1_000, bytes: 15 }],
  ])('throws away an update with too many %s, and takes the next one', (_, limits) => {
    const assembly = new UpdateAssembly(limits);
    assembly.add(chunk(0, { upserts: [server, server] }));
    assembly.add(chunk(1, { upserts: [server] }));
    const update = assembly.add(chunk(2, { last: true }));
    expect(update).toMatchObject({ tooLarge: true, upserts: [] });
    expect(assembly.add(chunk(0, { upserts: [server], last: true }))).toMatchObject({ tooLarge: false });
  });
});
