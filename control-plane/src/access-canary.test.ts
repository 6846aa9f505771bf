import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@headgate/shared/clock';
import { createLogger } from '@headgate/shared/logger';
import { readSettings, type Settings } from './config/settings.ts';
import { loadTokens, type Tokens } from './config/tokens.ts';
import { ControlPlane } from './control-plane.ts';
import { eventually } from './stream/eventually.cases.ts';
import { RawDataPlane } from './stream/raw-data-plane.cases.ts';

describe('a whole control plane', () => {
  let parent: string;
  let log: string;
  let settings: Settings;
  let tokens: Tokens;
  let controlPlane: ControlPlane;
  const dataDir = (): string => join(parent, 'data');

  async function start(): Promise<void> {
    log = '';
    const env = {
      HEADGATE_API_ADDRESS: '127.0.0.1:0',
      HEADGATE_GRPC_ADDRESS: '127.0.0.1:0',
      HEADGATE_DATA_DIR: dataDir(),
    };
    const read = readSettings({ argv: [], env, readFile: (path) => readFileSync(path, 'utf8'), program: 'test' });
    if (!read.ok || read.value.kind !== 'settings') throw new Error('the settings are not valid');
    settings = read.value.values;
    const loaded = await loadTokens(settings);
    if (!loaded.ok) throw new Error('the tokens cannot be used');
    tokens = loaded.value;
    const logger = createLogger('test', 'trace', { write: (line: string) => void (log += line) });
    controlPlane = await ControlPlane.start({ settings, tokens, tls: new Map(), logger, clock: systemClock });
  }

  beforeEach(async () => {
    parent = mkdtempSync(join(tmpdir(), 'headgate-whole-'));
    await start();
  });
  afterEach(async () => {
    await controlPlane.close();
    rmSync(parent, { recursive: true });
  });

  function portOf(listener: string): number {
    return Number(new RegExp(`"listener":"${listener}"[^}]*"address":"127.0.0.1:(\\d+)"`).exec(log)?.[1]);
  }

  async function send(method: string, path: string, token: string, body?: object): Promise<Record<string, string>> {
    const response = await fetch(`http://127.0.0.1:${portOf('api')}/api/v1/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Record<string, string>;
  }

  it('shows no token in its log or its files, and goes on with them after a restart', async () => {
    const made = (await send('POST', 'tokens', tokens.adminToken, { name: 'ci', scopes: ['write'] }))['token']!;
    await send('PUT', 'backends/web', made, {});
    await send('PUT', 'tokens/ci', made, {});
    await send('GET', 'config', `${made}wrong`);
    const old = new RawDataPlane({ port: portOf('grpc'), token: tokens.joinToken });
    old.hello('old');
    await old.next('welcome');
    const rotated = (await send('POST', 'join-token/rotate', tokens.adminToken, { overlap: '0s' }))['token']!;
    expect((await old.ended()).details).toContain('was replaced');
    const late = new RawDataPlane({ port: portOf('grpc'), token: tokens.joinToken });
    expect((await late.ended()).details).toContain('HEADGATE_JOIN_TOKEN');
    await send('GET', 'audit', tokens.adminToken);
    const before = log;
    await controlPlane.close();
    await start();
    expect(tokens.joinToken).toBe(rotated);
    const joined = new RawDataPlane({ port: portOf('grpc'), token: rotated });
    joined.hello('new');
    await joined.next('welcome');
    expect(await send('GET', 'backends/web', made)).toMatchObject({ name: 'web' });
    for (const peer of [old, late, joined]) peer.close();
    const text = JSON.stringify(await send('GET', 'audit', tokens.adminToken));
    expect(text).toContain('"operation":"connect"');
    await eventually('it has said something', () => log.length > 100 && before.length > 1_000);

    const kept: Readonly<Record<string, string>> = { 'admin-token': tokens.adminToken, 'join-token': rotated };
    for (const secret of [made, rotated, tokens.adminToken]) {
      for (const shown of [before, log, text]) expect(shown).not.toContain(secret.slice(3));
      for (const file of readdirSync(dataDir(), { recursive: true, withFileTypes: true })) {
        if (!file.isFile()) continue;
        const found = readFileSync(join(file.parentPath, file.name)).includes(secret.slice(3));
        expect([file.name, found]).toEqual([file.name, kept[file.name] === secret]);
      }
    }
  });
});
