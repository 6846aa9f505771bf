import { Hello } from '@headgate/proto/generated/headgate/v1/control_plane';
import { readHello } from './read-hello.ts';
import { RefusalError } from './refusal.ts';

const good = Hello.fromPartial({
  dataPlaneId: 'dp-1',
  processUuid: 'uuid',
  labels: { zone: 'a' },
  epoch: 'e',
  version: 3,
  digest: Buffer.alloc(16),
  softwareVersion: '1.2.3',
  threads: 1,
  features: ['explain'],
});

describe('reading a hello', () => {
  it('takes what it says', () => {
    expect(readHello(good)).toEqual({
      introduction: {
        id: 'dp-1',
        processUuid: 'uuid',
        softwareVersion: '1.2.3',
        threads: 1,
        labels: { zone: 'a' },
        held: { epoch: 'e', version: 3 },
      },
      digest: Buffer.alloc(16),
      features: new Set(['explain']),
    });
  });

  it('takes one that holds nothing', () => {
    const hello = { ...good, epoch: '', version: 0, digest: Buffer.alloc(0) };
    expect(readHello(hello).introduction.held).toEqual({ epoch: '', version: 0 });
  });

  it.each<[string, Partial<Hello>]>([
    ['data_plane_id', { dataPlaneId: '' }],
    ['data_plane_id', { dataPlaneId: 'a b' }],
    ['data_plane_id', { dataPlaneId: 'a\n' }],
    ['data_plane_id', { dataPlaneId: 'ä' }],
    ['data_plane_id', { dataPlaneId: 'x'.repeat(254) }],
    ['process_uuid', { processUuid: '' }],
    ['process_uuid', { processUuid: 'x'.repeat(65) }],
    ['software_version', { softwareVersion: 'x'.repeat(65) }],
    ['threads', { threads: 0 }],
    ['threads', { threads: 1_025 }],
    ['epoch', { epoch: '' }],
    ['epoch', { version: 0 }],
    ['epoch', { epoch: 'x'.repeat(129) }],
    ['digest', { digest: Buffer.alloc(15) }],
    ['digest', { digest: Buffer.alloc(0) }],
    ['features', { features: Array.from({ length: 65 }, String) }],
    ['labels', { labels: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`l${n}`, 'v'])) }],
    ['label', { labels: { ['x'.repeat(129)]: '' } }],
    ['label', { labels: { x: 'x'.repeat(257) } }],
  ])('refuses a bad %s, naming it: %j', (name, change) => {
    expect(() => readHello({ ...good, ...change })).toThrow(RefusalError);
    expect(() => readHello({ ...good, ...change })).toThrow(name);
  });
});
