import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeWith } from '@headgate/control-plane/sources/needed-program.cases';
import { redisPrograms, RedisServer } from '@headgate/control-plane/sources/redis/redis-server.cases';
import type { SteadyLoad } from '../src/harness/steady-load.ts';
import { ArticleSystem, firstServers, otherServers } from './layers/article-system.ts';
import { itRoutesAsByTheApi } from './layers/same-routing.cases.ts';

interface Posted {
  readonly version: number;
  readonly changed: boolean;
  readonly saved: boolean;
}

describe("article 001's document by POST /config", () => {
  let stage: ArticleSystem;
  beforeAll(async () => {
    stage = await ArticleSystem.create();
    await stage.start();
    await post(stage.document(firstServers));
  }, 60_000);
  afterAll(() => stage.close());

  async function post(document: string, headers: Readonly<Record<string, string>> = {}): Promise<Posted> {
    const { status, body } = await stage.system.api.request<Posted>('POST', '/config', document, headers);
    if (status !== 200) throw new Error(`POST /config was answered ${status}: ${JSON.stringify(body)}`);
    await stage.system.api.converge(body.version);
    return body;
  }

  async function restart(signal: NodeJS.Signals): Promise<void> {
    await stage.system.controlPlane.stop(signal);
    await stage.system.controlPlane.start();
  }

  itRoutesAsByTheApi(() => stage, { empty: async (document) => void (await post(document)) });

  it('is forgotten with the control plane when nothing was ever saved, and outlives it when it is saved afterwards', async () => {
    const tried = await post(stage.document(otherServers), { 'x-save': '0' });
    await restart('SIGKILL');
    await stage.becomes({ backend1: [], backend2: {} });
    expect(await stage.version()).toBeGreaterThan(tried.version);
    await post(stage.document(otherServers));
    expect(await post(stage.document(otherServers), { 'x-save': '1' })).toMatchObject({ changed: true, saved: true });
    await restart('SIGKILL');
    await stage.becomes(otherServers);
  }, 60_000);

  it.each<NodeJS.Signals>(['SIGTERM', 'SIGKILL'])(
    'outlives the control plane (%s) with x-save: 1; without, what was saved last comes back as a newer version',
    async (signal) => {
      const saved = await post(stage.document(firstServers), { 'x-save': '1' });
      expect(saved).toMatchObject({ changed: true, saved: true });
      expect(await stage.source('posted')).toMatchObject({ state: 'current', unsaved: false });
      const load = stage.load();
      await restart(signal);
      await stage.becomes(firstServers);
      expect(await stage.version()).toBe(saved.version);

      const tried = await post(stage.document(otherServers));
      expect(tried).toMatchObject({ changed: true, saved: false });
      await stage.becomes(otherServers);
      expect(await stage.answers('www.test1.com', 5)).toEqual({ second: 5 });
      expect(await stage.source('posted')).toMatchObject({ state: 'current', unsaved: true });

      await restart(signal);
      await stage.becomes(firstServers);
      expect(await stage.version()).toBeGreaterThan(tried.version);
      expect(await stage.answers('www.test1.com', 5)).toEqual({ first: 5 });
      expect(await stage.source('posted')).toMatchObject({ state: 'current', unsaved: false });
      expect(await load.stop()).toEqual([]);
      await post('{"backends":[],"hosts":[]}', { 'x-save': '1' });
    },
    60_000,
  );
});

describe("article 001's document in a file", () => {
  let stage: ArticleSystem;
  let load: SteadyLoad;
  let file: string;
  beforeAll(async () => {
    stage = await ArticleSystem.create();
    file = join(stage.directory, 'config.json');
    await publish('..2030_1', stage.document(firstServers));
    await symlink(join('..data', 'config.json'), file);
    await stage.start({ HEADGATE_CONFIG_FILE: file });
  }, 60_000);
  afterAll(async () => {
    load?.abort();
    await stage.close();
  });

  /** As a kubelet does: a new directory, and the link `..data` is swapped to it. */
  async function publish(name: string, document: string): Promise<void> {
    await mkdir(join(stage.directory, name));
    await writeFile(join(stage.directory, name, 'config.json'), document);
    await symlink(name, join(stage.directory, '..data_tmp'));
    await rename(join(stage.directory, '..data_tmp'), join(stage.directory, '..data'));
  }

  /** As an editor or a deployment does: a finished file takes the place of the old one. */
  async function replace(document: string): Promise<void> {
    await writeFile(`${file}.new`, document);
    await rename(`${file}.new`, file);
  }

  itRoutesAsByTheApi(() => stage, { empty: (document) => publish('..2030_2', document) });

  it('follows a link that is swapped', async () => {
    await publish('..2030_3', stage.document(firstServers));
    await stage.becomes(firstServers);
    load = stage.load();
    await publish('..2030_4', stage.document(otherServers));
    await stage.becomes(otherServers);
    expect(await stage.answers('www.test1.com', 5)).toEqual({ second: 5 });
  });

  it('follows a file that is renamed into its place', async () => {
    await replace(stage.document(firstServers));
    await stage.becomes(firstServers);
  });

  it('is held while it is half written, and applied when it is whole', async () => {
    const whole = stage.document(otherServers);
    const before = await stage.version();
    await writeFile(file, whole.slice(0, whole.length / 2));
    await stage.sourceIs('file', 'held');
    await load.more(25);
    await stage.becomes(firstServers);
    expect(await stage.version()).toBe(before);
    await writeFile(file, whole);
    await stage.becomes(otherServers);
    await stage.sourceIs('file', 'current');
  });

  it('stays when the file is deleted, also over a restart, and is followed when there is one again', async () => {
    const before = await stage.version();
    await rm(file);
    expect((await stage.sourceIs('file', 'stale')).error).toContain('ENOENT');
    await load.more(25);
    await stage.system.controlPlane.stop('SIGKILL');
    await stage.system.controlPlane.start();
    expect(await stage.sourceIs('file', 'stale')).toMatchObject({ entries: 3 });
    await stage.becomes(otherServers);
    expect(await stage.version()).toBe(before);
    await replace(stage.document(firstServers));
    await stage.becomes(firstServers);
    await stage.sourceIs('file', 'current');
  });

  it('has cost no request', async () => {
    await load.more(25);
    expect(await load.stop()).toEqual([]);
  });
});

describeWith(redisPrograms, "article 001's document in Redis", () => {
  let stage: ArticleSystem;
  let redis: RedisServer;
  let load: SteadyLoad;
  beforeAll(async () => {
    redis = await RedisServer.start();
    stage = await ArticleSystem.create();
    await set(stage.document(firstServers));
    await stage.start({ HEADGATE_CONFIG_REDIS: redis.url });
  }, 60_000);
  afterAll(async () => {
    load?.abort();
    await stage?.close();
    await redis?.close();
  });

  async function set(document: string): Promise<void> {
    expect(await redis.command('SET', 'balancer', document)).toBe('OK');
  }

  itRoutesAsByTheApi(() => stage, { empty: set });

  it('is followed', async () => {
    await set(stage.document(firstServers));
    await stage.becomes(firstServers);
    load = stage.load();
    await set(stage.document(otherServers));
    await stage.becomes(otherServers);
  });

  it('stays while Redis is dead, which is shown, and is followed again without help', async () => {
    const before = await stage.version();
    await redis.kill();
    await stage.sourceIs('redis', 'stale');
    await load.more(50);
    await stage.becomes(otherServers);
    await redis.start();
    await stage.sourceIs('redis', 'current');
    expect(await stage.version()).toBe(before);
    await set(stage.document(firstServers));
    await stage.becomes(firstServers);
  }, 60_000);

  it('stays over a restart of the control plane while Redis is dead', async () => {
    await redis.kill();
    await stage.system.controlPlane.stop('SIGKILL');
    await stage.system.controlPlane.start();
    expect(await stage.sourceIs('redis', 'stale')).toMatchObject({ entries: 3 });
    await stage.becomes(firstServers);
    await redis.start();
    await set(stage.document(otherServers));
    await stage.becomes(otherServers);
  }, 60_000);

  it('stays when the key is deleted', async () => {
    expect(await redis.command('DEL', 'balancer')).toBe('1');
    await stage.sourceIs('redis', 'stale');
    await load.more(25);
    await stage.becomes(otherServers);
    await set(stage.document(firstServers));
    await stage.becomes(firstServers);
  });

  it('has cost no request', async () => {
    await load.more(25);
    expect(await load.stop()).toEqual([]);
  });
});
