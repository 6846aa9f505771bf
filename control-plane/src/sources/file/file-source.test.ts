import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rename, rm, symlink, truncate, unlink, utimes, writeFile } from 'node:fs/promises';
import { systemClock } from '@headgate/shared/clock';
import { ManualClock } from '@headgate/shared/manual-clock';
import { eventually } from '../../stream/eventually.cases.ts';
import { recordedContext, RecordedSink } from '../recorded-sink.cases.ts';
import type { DocumentSource, SourceText } from '../source.ts';
import { DocumentDirectory } from './document-directory.cases.ts';
import { createFileSource } from './file-source.ts';

const NEVER_MS = 1e12;
const POLL_MS = 2_000;
const SETTLE_MS = 100;

let directory: DocumentDirectory;
let sink: RecordedSink<readonly SourceText[]>;
let clock: ManualClock;
let opened: DocumentSource[];

beforeEach(async () => {
  directory = await DocumentDirectory.create();
  sink = new RecordedSink();
  clock = new ManualClock();
  opened = [];
});

afterEach(async () => {
  for (const source of opened) await source.close();
  await directory.remove();
});

function follow(path: string, { pollMs = NEVER_MS, clock = systemClock }: Partial<FollowOptions> = {}): DocumentSource {
  const source = createFileSource({ path, pollMs }, { ...recordedContext(sink), clock });
  opened.push(source);
  source.start();
  return source;
}

interface FollowOptions {
  readonly pollMs: number;
  readonly clock: typeof systemClock;
}

const texts = (): readonly string[] => (sink.newest ?? []).map(({ text }) => text);
const holds = (...wanted: readonly string[]): Promise<void> =>
  sink.until(`the texts are ${wanted.join(', ')}`, () => texts().join() === wanted.join());

describe('a source of files', () => {
  it('brings a file of any name under its path', async () => {
    await directory.put('routing.conf', '{"backends":[],"hosts":[]}');
    follow(directory.file('routing.conf'));
    await holds('{"backends":[],"hosts":[]}');
    expect(sink.newest).toEqual([{ name: directory.file('routing.conf'), text: '{"backends":[],"hosts":[]}' }]);
  });

  it('brings the documents of a directory in the order of their names, and nothing else of it', async () => {
    for (const name of ['b.yml', 'a.json', 'c.yaml', '.hidden.json', 'readme.md', 'a.json.bak']) {
      await directory.put(name, name);
    }
    await mkdir(directory.file('below'));
    await writeFile(directory.file('below/d.json'), 'd.json');
    follow(directory.path);
    await holds('a.json', 'b.yml', 'c.yaml');
    await unlink(directory.file('b.yml'));
    await holds('a.json', 'c.yaml');
    expect(sink.failures).toEqual([]);
  });

  it('leaves a byte order mark out', async () => {
    await directory.put('web.json', '\ufeff{}');
    follow(directory.file('web.json'));
    await holds('{}');
  });

  it('hears of files that are renamed into place and of files that are written in place', async () => {
    await directory.put('web.json', 'one');
    follow(directory.file('web.json'));
    await holds('one');
    await directory.put('web.json', 'two');
    await holds('two');
    await writeFile(directory.file('web.json'), 'three');
    await holds('three');
  });

  it.each([
    ['a file', 'web.json'],
    ['a directory', ''],
  ])('hears of the swap of a symlink beside %s, as in a Kubernetes volume', async (_what, name) => {
    for (const version of ['one', 'two']) {
      await mkdir(directory.file(`..${version}`));
      await writeFile(directory.file(`..${version}/web.json`), version);
    }
    await symlink('..one', directory.file('..data'));
    await symlink('..data/web.json', directory.file('web.json'));
    follow(name === '' ? directory.path : directory.file(name));
    await holds('one');
    await symlink('..two', directory.file('..data_tmp'));
    await rename(directory.file('..data_tmp'), directory.file('..data'));
    await holds('two');
    await rm(directory.file('..one'), { recursive: true });
    expect(sink.failures).toEqual([]);
  });

  it('hears of the swap of a symlink that is the directory itself, and of what happens in the new one', async () => {
    for (const version of ['one', 'two']) {
      await mkdir(directory.file(version));
      await writeFile(directory.file(`${version}/web.json`), version);
    }
    await symlink('one', directory.file('current'));
    follow(directory.file('current'));
    await holds('one');
    await symlink('two', directory.file('next'));
    await rename(directory.file('next'), directory.file('current'));
    await holds('two');
    await writeFile(directory.file('two/more.json'), 'more');
    await holds('more', 'two');
  });

  it('says nothing new when a file is only touched', async () => {
    await directory.put('web.json', 'one');
    follow(directory.file('web.json'), { pollMs: POLL_MS, clock });
    await settle();
    expect(sink.deliveries).toHaveLength(1);
    await utimes(directory.file('web.json'), 1, 1);
    await settle();
    await settle();
    expect(sink.deliveries).toHaveLength(1);
  });
});

/** Lets looks happen for 3 s of the clock. */
async function settle(): Promise<void> {
  const end = clock.monotonic() + 3_000;
  await eventually('the clock has moved', async () => {
    clock.advance(SETTLE_MS / 2);
    // Real reads need real time.
    await new Promise((resolve) => setImmediate(resolve));
    return clock.monotonic() >= end && sink.deliveries.length + sink.failures.length > 0;
  });
}

describe('files that do not stand still', () => {
  it('are delivered once they do', async () => {
    await directory.put('web.json', 'a');
    follow(directory.file('web.json'), { pollMs: POLL_MS, clock });
    let written = 'a';
    await eventually('ten pieces were seen', async () => {
      written += '.';
      await writeFile(directory.file('web.json'), written);
      clock.advance(SETTLE_MS / 2);
      return written.length === 10;
    });
    expect(sink.deliveries).toEqual([]);
    await eventually('all of it is there', () => {
      clock.advance(SETTLE_MS / 2);
      return texts()[0] === written;
    });
    expect(sink.deliveries).toHaveLength(1);
  });

  it('are a failure in the end', async () => {
    await directory.put('web.json', 'a');
    follow(directory.file('web.json'), { pollMs: POLL_MS, clock });
    let writes = 0;
    await eventually('it is a failure', async () => {
      writes += 1;
      await writeFile(directory.file('web.json'), String(writes));
      clock.advance(SETTLE_MS);
      return sink.failures.length > 0;
    });
    expect(sink.failures[0]?.message).toBe(`${directory.file('web.json')} has not stood still for 10 s`);
  });
});

describe('files that cannot be read', () => {
  const failsWith = async (path: string, message: RegExp): Promise<void> => {
    follow(path);
    expect((await sink.nextFailure()).message).toMatch(message);
    expect(sink.deliveries).toEqual([]);
  };

  it('fail when there is nothing under the path', () =>
    failsWith(directory.file('web.json'), /web\.json .*\(ENOENT\)$/));

  it('fail when the directory has no documents: a volume that is not mounted looks the same', async () => {
    await directory.put('readme.md', 'text');
    await failsWith(directory.path, /documents holds no \*\.json, \*\.yaml or \*\.yml file$/);
  });

  it('fail when one of the documents points nowhere', async () => {
    await directory.put('a.json', '{}');
    await symlink('nowhere', directory.file('b.json'));
    await failsWith(directory.path, /b\.json cannot be read \(ENOENT\)$/);
  });

  it('fail when one of the documents is a directory', async () => {
    await directory.put('a.json', '{}');
    await mkdir(directory.file('b.json'));
    await failsWith(directory.path, /b\.json is no regular file$/);
  });

  it('fail when one is a pipe, without waiting for a writer', async () => {
    execFileSync('mkfifo', [directory.file('web.json')]);
    await failsWith(directory.file('web.json'), /web\.json is no regular file$/);
  });

  it('fail when one is not UTF-8', async () => {
    await directory.put('web.json', Buffer.from('{"name":"caf\u00e9"}', 'latin1'));
    await failsWith(directory.file('web.json'), /web\.json is not UTF-8 text$/);
  });

  it('fail beyond 16 MiB in all', async () => {
    for (const name of ['a.json', 'b.json']) {
      await directory.put(name, '');
      await truncate(directory.file(name), 8_388_609);
    }
    await failsWith(directory.path, /b\.json is too large: all documents together may have 16777216 bytes$/);
  });

  it('fail beyond 1,000 documents', async () => {
    for (let index = 0; index <= 1_000; index += 1) await writeFile(directory.file(`${index}.json`), '{}');
    await failsWith(directory.path, /holds more than 1000 documents$/);
  });

  it('show no control characters of their names', async () => {
    await symlink('nowhere', directory.file('\u001b[31m.json'));
    await failsWith(directory.path, /\\u001b\[31m\.json cannot be read/);
  });

  const asRoot = process.getuid?.() === 0;
  (asRoot ? it.skip : it)('fail when this process may not read one', async () => {
    await directory.put('web.json', '{}');
    await chmod(directory.file('web.json'), 0);
    await failsWith(directory.file('web.json'), /\(EACCES\)$/);
  });

  it('keep what was there before when the directory is emptied, and go on when it is filled again', async () => {
    await directory.put('web.json', 'one');
    follow(directory.path);
    await holds('one');
    await unlink(directory.file('web.json'));
    await sink.nextFailure();
    expect(texts()).toEqual(['one']);
    expect(sink.deliveries).toHaveLength(1);
    await directory.put('web.json', 'one');
    await sink.until('it is there again', ({ deliveries }) => deliveries.length === 2);
  });
});
