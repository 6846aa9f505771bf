import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import { compileAddressPolicy } from '@headgate/shared/model/address-policy';
import { parseConfiguration } from '@headgate/shared/model/parse-configuration';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { openDesired, type OpenedDesired } from '../desired/open-desired.ts';
import { createDocumentReader } from '../intent/document-reader.ts';
import { planPutConfiguration } from '../intent/plan-put-configuration.ts';
import { serverState } from '../intent/server-state.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { SourceError, type Source, type SourceContext, type SourceEntry, type SourceText } from './source.ts';
import { Sources } from './sources.ts';

const logger = createLogger('test', 'silent');
const documents = createDocumentReader(() =>
  compileAddressPolicy({ own: [], localAddresses: [], allow: [], allowSetting: 'HEADGATE_ALLOWED_NETWORKS' }),
);

/** A source that says what the test says. */
class Scripted<T> implements Source {
  readonly context: SourceContext<T>;
  started = false;
  closed = false;

  constructor(context: SourceContext<T>) {
    this.context = context;
  }

  start(): void {
    this.started = true;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

class Stage {
  readonly clock = new ManualClock();
  readonly dataDir = mkdtempSync(join(tmpdir(), 'headgate-sources-'));
  /** By what the document says. */
  readonly made: { readonly name: string; readonly source: Scripted<readonly SourceEntry[]> }[] = [];
  file: Scripted<readonly SourceText[]> | undefined;
  store!: SqliteStore;
  opened!: OpenedDesired;
  sources!: Sources;

  async open(): Promise<this> {
    this.store = await SqliteStore.open({ dataDir: this.dataDir, clock: this.clock });
    this.opened = await openDesired(this.store, { logger, clock: this.clock });
    this.opened.desired.start();
    this.opened.intent.start();
    this.sources = new Sources({
      ...this.opened,
      documents,
      readSecret: async () => undefined,
      createServerSource: (document, context) => {
        const source = new Scripted(context);
        this.made.push({ name: 'name' in document ? document.name : '', source });
        return source;
      },
      layers: { file: (context) => (this.file = new Scripted(context)) },
      clock: this.clock,
      logger,
    });
    this.sources.start();
    return this;
  }

  async close(): Promise<void> {
    await this.sources.close();
    await this.opened.intent.close();
    await this.opened.membership.close();
    await this.store.close();
  }

  async configure(sources: readonly unknown[], name = 'web'): Promise<void> {
    const parsed = parseConfiguration({ backends: [{ name, sources }], hosts: [] });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
    const plan = (state: Parameters<typeof planPutConfiguration>[0]) => planPutConfiguration(state, parsed.value);
    await this.opened.intent.write(plan, { author: 'test', message: '' }, { force: true });
  }

  /** The newest source that was made for a DNS name. */
  source(name: string): Scripted<readonly SourceEntry[]> {
    return this.made.findLast((made) => made.name === name)!.source;
  }

  /** Lets time pass until everything that was started in it is over. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 50) {
      this.clock.advance(50);
      for (let turn = 0; turn < 3; turn++) await setImmediate();
    }
  }

  servers(backend = 'web'): Record<string, string> {
    const entry = this.opened.desired.state.value.backends.get(backend);
    return Object.fromEntries(
      [...(entry?.servers.keys() ?? [])].map((endpoint) => [endpoint, serverState(entry!, endpoint)]),
    );
  }

  status(name: string) {
    return this.sources.list().find((source) => source.name === name)?.status;
  }
}

const dns = (name: string) => ({ type: 'dns', name, port: 80 });
const entry = (n: number, more: Partial<SourceEntry> = {}): SourceEntry => ({
  name: `instance-${n}`,
  server: { address: `10.0.0.${n}`, port: 80 },
  ...more,
});

describe('sources of servers', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await new Stage().open();
  });
  afterEach(async () => {
    await stage.close();
    rmSync(stage.dataDir, { recursive: true });
  });

  it('come and go with what backends say', async () => {
    await stage.configure([dns('a.example'), dns('b.example')]);
    expect(stage.sources.list().map(({ name, type, status }) => [name, type, status.state])).toEqual([
      ['file', 'file', 'starting'],
      ['web/dns:0', 'dns', 'starting'],
      ['web/dns:1', 'dns', 'starting'],
    ]);
    const [a, b] = [stage.source('a.example'), stage.source('b.example')];
    expect([a.started, b.started]).toEqual([true, true]);
    a.context.sink.deliver([entry(1), entry(2, { state: 'draining' })]);
    b.context.sink.deliver([entry(3)]);
    await stage.pass(300);
    expect(stage.servers()).toEqual({ '10.0.0.1:80': 'active', '10.0.0.2:80': 'draining', '10.0.0.3:80': 'active' });
    await stage.configure([dns('a.example')]);
    await stage.pass(300);
    expect([a.closed, b.closed]).toEqual([false, true]);
    expect(Object.keys(stage.servers())).toEqual(['10.0.0.1:80', '10.0.0.2:80']);
    await stage.configure([]);
    await stage.pass(300);
    expect([a.closed, stage.servers(), stage.sources.list().length]).toEqual([true, {}, 1]);
  });

  it('keep what was known when their description changes, until the new one is read', async () => {
    await stage.configure([dns('a.example')]);
    stage.source('a.example').context.sink.deliver([entry(1)]);
    await stage.pass(300);
    await stage.configure([dns('c.example')]);
    await stage.pass(300);
    expect(Object.keys(stage.servers())).toEqual(['10.0.0.1:80']);
    stage.source('c.example').context.sink.deliver([entry(9)]);
    await stage.pass(300);
    expect(Object.keys(stage.servers())).toEqual(['10.0.0.9:80']);
  });

  it('make one version of a burst, at most a second late, and none of what is equal', async () => {
    await stage.configure([dns('a.example')]);
    const { sink } = stage.source('a.example').context;
    const version = () => stage.opened.log.latest.value.id.version;
    const before = version();
    for (let n = 1; n <= 10; n++) {
      sink.deliver(Array.from({ length: n }, (_, index) => entry(index + 1)));
      await stage.pass(50);
    }
    await stage.pass(200);
    expect([version(), Object.keys(stage.servers()).length]).toEqual([before + 1, 10]);
    for (let n = 0; n < 30; n++) {
      sink.deliver([entry(n % 2 === 0 ? 1 : 2)]);
      await stage.pass(50);
    }
    expect(version()).toBeGreaterThan(before + 1);
    await stage.pass(500);
    const settled = version();
    for (let n = 0; n < 5; n++) {
      sink.deliver([entry(2)]);
      await stage.pass(200);
    }
    expect(version()).toBe(settled);
  });

  it('leave out what is not valid, count it and say why', async () => {
    await stage.configure([dns('a.example')]);
    stage
      .source('a.example')
      .context.sink.deliver([
        entry(1),
        entry(2, { server: { address: '10.0.0.2', port: 0 } }),
        entry(3, { server: { address: '169.254.169.254', port: 80 } }),
        entry(4, { server: null }),
        entry(1, { name: 'twice' }),
      ]);
    await stage.pass(300);
    expect(Object.keys(stage.servers())).toEqual(['10.0.0.1:80']);
    expect(stage.status('web/dns:0')).toMatchObject({
      state: 'current',
      entries: 1,
      skipped: 3,
      faults: [
        { pointer: 'instance-2/port' },
        { pointer: 'instance-3/address', code: 'refused_address' },
        { pointer: 'instance-4' },
      ],
    });
  });

  it('keep their servers when they are lost, also across a restart, and say since when', async () => {
    await stage.configure([dns('a.example')]);
    stage.source('a.example').context.sink.deliver([entry(1)]);
    await stage.pass(300);
    const lost = stage.clock.now();
    for (let n = 0; n < 3; n++) {
      stage.source('a.example').context.sink.failed(new SourceError('nobody answers'));
      await stage.pass(1_000);
    }
    expect(stage.status('web/dns:0')).toMatchObject({
      state: 'stale',
      since: lost,
      error: 'nobody answers',
      failures: 3,
    });
    expect(Object.keys(stage.servers())).toEqual(['10.0.0.1:80']);
    await stage.close();
    await stage.open();
    expect(Object.keys(stage.servers())).toEqual(['10.0.0.1:80']);
    expect(stage.status('web/dns:0')).toMatchObject({ state: 'starting', entries: 1 });
    stage.source('a.example').context.sink.deliver([]);
    await stage.pass(300);
    expect([stage.servers(), stage.status('web/dns:0')?.state]).toEqual([{}, 'current']);
    const emptied = stage.status('web/dns:0')?.lastChange;
    stage.source('a.example').context.sink.deliver([]);
    await stage.pass(300);
    expect(stage.status('web/dns:0')?.lastChange).toBe(emptied);
  });

  it('take along what they brought also when the process ended before they could', async () => {
    await stage.configure([dns('a.example')]);
    stage.source('a.example').context.sink.deliver([entry(1)]);
    await stage.pass(300);
    await stage.sources.close();
    await stage.configure([]);
    await stage.close();
    await stage.open();
    await stage.pass(100);
    expect(stage.opened.membership.membersOf('dns:0').size).toBe(0);
  });

  it('try again when the store does not take what they bring', async () => {
    await stage.configure([dns('a.example')]);
    stage.store.limitBytes(4_096);
    const many = Array.from({ length: 5_000 }, (_, n) => ({
      name: `n${n}`,
      server: { address: `10.1.${n >> 8}.${n & 255}`, port: 80 },
    }));
    stage.source('a.example').context.sink.deliver(many);
    await stage.pass(500);
    expect(stage.servers()).toEqual({});
    stage.store.limitBytes(undefined);
    await stage.pass(1_500);
    expect(Object.keys(stage.servers())).toHaveLength(5_000);
  });

  describe('of documents', () => {
    const document = (...servers: number[]) => ({
      backends: [{ name: 'api', servers: servers.map((n) => ({ address: `10.0.0.${n}`, port: 80 })) }],
      hosts: [{ host: 'api.example', backend: 'api' }],
    });
    const text = (value: unknown): readonly SourceText[] => [{ name: 'headgate.json', text: JSON.stringify(value) }];
    const deliver = async (value: readonly SourceText[]) => {
      stage.file!.context.sink.deliver(value);
      await stage.pass(300);
    };

    it('are a layer, whole', async () => {
      await deliver(text(document(1, 2)));
      expect(Object.keys(stage.servers('api'))).toEqual(['10.0.0.1:80', '10.0.0.2:80']);
      expect(stage.status('file')).toMatchObject({ state: 'current', entries: 2, faults: [] });
      await deliver(text(document(3)));
      expect(Object.keys(stage.servers('api'))).toEqual(['10.0.0.3:80']);
    });

    it('are one document of several texts, and faults say which', async () => {
      const { backends, hosts } = document(1);
      await deliver([
        { name: 'a.json', text: JSON.stringify({ backends }) },
        { name: 'b.yaml', text: 'hosts: [{ host: api.example, backend: api }]' },
      ]);
      expect(Object.keys(stage.servers('api'))).toEqual(['10.0.0.1:80']);
      await deliver([
        { name: 'a.json', text: JSON.stringify({ backends }) },
        { name: 'b.json', text: JSON.stringify({ hosts, backends: [{ name: 'b', servers: [{ port: 1 }] }] }) },
      ]);
      expect(stage.status('file')).toMatchObject({
        state: 'held',
        faults: [{ pointer: 'b.json/backends/0/servers/0/address' }],
      });
      await deliver([
        { name: 'a.json', text: '{' },
        { name: 'c.json', text: '[]' },
      ]);
      expect(stage.status('file')?.faults.map(({ pointer, code }) => [pointer, code])).toEqual([
        ['a.json', 'bad_syntax'],
        ['c.json', 'no_configuration'],
      ]);
      expect(Object.keys(stage.servers('api'))).toEqual(['10.0.0.1:80']);
    });

    it('are held when the guard objects, until an operator allows it', async () => {
      await deliver(text(document(1)));
      await deliver(text(document()));
      expect(Object.keys(stage.servers('api'))).toEqual(['10.0.0.1:80']);
      expect(stage.status('file')).toMatchObject({ state: 'held', faults: [{ code: 'empties_backend' }] });
      stage.sources.layer('file')!.allow();
      await stage.pass(300);
      expect([stage.servers('api'), stage.status('file')?.state]).toEqual([{}, 'current']);
      expect(() => stage.sources.layer('file')!.allow()).toThrow('holds no document');
    });

    it('are held while operators have the name, and applied once they have not', async () => {
      await stage.configure([], 'api');
      await deliver(text(document(1)));
      expect(stage.status('file')).toMatchObject({ state: 'held', faults: [{ code: 'name_taken' }] });
      expect(() => stage.sources.layer('file')!.allow()).toThrow('holds no document');
      await stage.configure([], 'web');
      await deliver(text(document(1)));
      expect(Object.keys(stage.servers('api'))).toEqual(['10.0.0.1:80']);
    });

    it('stay when their source is lost', async () => {
      await deliver(text(document(1)));
      stage.file!.context.sink.failed(new SourceError('the file is gone'));
      expect(stage.status('file')).toMatchObject({ state: 'stale', error: 'the file is gone' });
      await stage.close();
      await stage.open();
      expect(Object.keys(stage.servers('api'))).toEqual(['10.0.0.1:80']);
    });
  });
});
