import { encodeObject } from '@headgate/proto/object-codec';
import { backend, host, server } from '../routing/snapshot-objects.cases.ts';
import { TimeSlice } from '../routing/time-slice.ts';
import { packChange, unpackChange } from './packed-change.ts';

const id = { epoch: 'é', version: 7 };

describe('a packed change', () => {
  it('is unpacked to what was packed, with the numbers of its servers and backends', async () => {
    const upserts = [backend('web'), server('web', 80), server('web', 81, { weight: 7 }), host('é.test', 'web')];
    const numbers = [3, 70_000, 0, 0];
    const objects = upserts.map((object, index) => ({ encoded: encodeObject(object), number: numbers[index]! }));
    const removals = ['host/old.test', 'server/web/10.0.0.1:9'] as const;
    const packed = await packChange({ id, full: false, removals }, objects, new TimeSlice(5));
    const { change, servers, backends } = await unpackChange(structuredClone(packed), new TimeSlice(5));
    expect(change).toEqual({ id, full: false, upserts, removals });
    expect(servers).toEqual(
      new Map([
        ['web/10.0.0.1:80', 70_000],
        ['web/10.0.0.1:81', 0],
      ]),
    );
    expect(backends).toEqual(new Map([['web', 3]]));
  });

  it('is not copied for each thread', async () => {
    const packed = await packChange(
      { id, full: true, removals: [] },
      [{ encoded: encodeObject(backend('web')), number: 0 }],
      new TimeSlice(5),
    );
    expect(packed.bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('may be empty', async () => {
    const packed = await packChange({ id, full: true, removals: [] }, [], new TimeSlice(5));
    expect((await unpackChange(packed, new TimeSlice(5))).change.upserts).toEqual([]);
  });
});
