import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { siteHost, writeSite } from '../src/harness/site.ts';
import { System } from '../src/harness/system.ts';

/** Unique and long: where it is found, it has leaked. */
const canary = {
  secretText: `canary-${randomBytes(18).toString('hex')}`,
  secretBytes: `canary-${randomBytes(18).toString('hex')}`,
  faultySecret: `canary-${randomBytes(18).toString('hex')}`,
  badToken: `canary-${randomBytes(18).toString('hex')}`,
  key: randomBytes(32).toString('base64'),
};
const apiTokenFiles = new Set(['admin-token', 'join-token']);

interface Answer {
  readonly of: string;
  readonly status: number;
  readonly text: string;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
}

describe('secrets and tokens', () => {
  let system: System;
  const answers: Answer[] = [];
  /** What must be nowhere, by what it is. */
  const hidden = new Map<string, string>(Object.entries(canary));

  beforeAll(async () => {
    system = await System.start({
      controlPlaneEnv: { HEADGATE_SECRETS_KEY: canary.key, HEADGATE_LOG_LEVEL: 'trace' },
      dataPlaneEnv: { HEADGATE_LOG_LEVEL: 'trace', HEADGATE_ACCESS_LOG: 'true' },
    });
    await writeSite(system);
    hidden.set('the admin token', await system.controlPlane.adminToken());
    hidden.set('the join token', await system.controlPlane.joinToken());
  });
  afterAll(() => system.close());

  /** Sends a request as it is, keeps the answer with its head, and returns it. */
  async function send(method: string, path: string, options: { token?: string; body?: unknown } = {}): Promise<Answer> {
    const token = 'token' in options ? options.token : await system.controlPlane.adminToken();
    const answer = await raw(system.controlPlane.apiUrl, { method, path, token, body: options.body });
    answers.push(answer);
    return answer;
  }

  it('are written, used and misused in every way that the API has', async () => {
    const put = await send('PUT', '/api/v1/secrets/text', { body: { value: canary.secretText } });
    expect(put.status).toBe(201);
    const valueBase64 = Buffer.from(canary.secretBytes).toString('base64');
    expect((await send('PUT', '/api/v1/secrets/bytes', { body: { valueBase64 } })).status).toBe(201);
    for (const body of faultySecrets(canary.faultySecret)) {
      const { status } = await send('PUT', '/api/v1/secrets/faulty', { body });
      expect([400, 413, 422]).toContain(status);
    }
    hidden.set('a token that was made', await makeToken('reader', ['read']));
    const forRemoval = await makeToken('removed', ['read']);
    hidden.set('a token that was revoked', forRemoval);
    expect((await send('DELETE', '/api/v1/tokens/removed')).status).toBeLessThan(300);
    await send('GET', '/api/v1/config', { token: forRemoval });
    await send('PUT', '/api/v1/config', { token: hidden.get('a token that was made'), body: {} });
    hidden.set('the rotated join token', await rotate());
    expect((await send('POST', '/api/v1/backups')).status).toBe(201);
    expect((await send('POST', '/api/v1/rollback?dryRun=true', { body: { to: 0 } })).status).toBe(200);
  });

  it('are shown to every operation where they do not belong', async () => {
    const { body: document } = await system.api.request<OpenApi>('GET', '/openapi.json');
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { operationId }]) => ({ path, method: method.toUpperCase(), operationId })),
    );
    expect(operations.length).toBeGreaterThan(40);
    const admin = hidden.get('the admin token')!;
    // What shows tokens is tried by itself; what streams has no end.
    const quiet = operations.filter(({ operationId }) => !['rotateJoinToken', 'streamEvents'].includes(operationId));
    for (const { method, path } of quiet) {
      const plain = path.replaceAll(/\{[^}]*\}/g, 'absent');
      // Tokens do not belong into URLs; whoever puts one there must not find it in a log.
      for (const token of [undefined, canary.badToken, admin]) {
        await send(method, `${plain}?token=${admin}&access_token=${canary.badToken}`, { token, body: {} });
      }
      await send(method, plain, { body: `{"token": "${canary.faultySecret}` });
    }
    await send('GET', `/${admin}`, { token: canary.badToken });
    await send('GET', `/api/v1/${admin}/x`);
    await send('BREW', `/api/v1/config?${canary.badToken}`);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  });

  it('are in no answer', async () => {
    for (const { path, method } of [
      ...['config', 'secrets', 'secrets/text', 'tokens', 'tokens/reader', 'audit?limit=1000', 'revisions?limit=1000'],
      ...['revisions/newest', 'data-planes', 'data-planes/dp-1', 'join-token', 'backups', 'config/warnings'],
    ].map((rest) => ({ path: `/api/v1/${rest}`, method: 'GET' }))) {
      expect([path, (await send(method, path)).status]).toEqual([path, 200]);
    }
    await send('GET', '/metrics');
    expect(answers.length).toBeGreaterThan(150);
    expect(leaks(answers.map(({ of, text }) => [of, Buffer.from(text)]))).toEqual([]);
  });

  it('are in no log, metric or dump of either plane', async () => {
    const { dataPlane } = system;
    const texts: [string, string][] = [
      ['the metrics of the control plane', await (await fetch(`${system.controlPlane.apiUrl}/metrics`)).text()],
      ['the metrics of the data plane', await dataPlane.metrics()],
      ['the dump of the data plane', JSON.stringify(await dataPlane.dump())],
      ['the log of the control plane', system.controlPlane.child.output],
      ['the log of the data plane', dataPlane.child.output],
    ];
    expect(texts[2]![1]).toContain(siteHost);
    expect(texts[3]![1]).toContain('listening');
    expect(leaks(texts.map(([name, text]) => [name, Buffer.from(text)]))).toEqual([]);
  });

  it('are in no file of either plane, backups included, but those that hold the tokens', async () => {
    const files = await filesBelow(system.directory);
    const names = files.map(([name]) => name);
    expect(names.some((name) => name.endsWith('headgate.db'))).toBe(true);
    expect(names.some((name) => name.includes('backups'))).toBe(true);
    expect(names.some((name) => name.includes('data-plane-1'))).toBe(true);
    expect(leaks(files)).toEqual([]);
    // Also after everything that was written has reached its last place.
    await system.controlPlane.stop();
    expect(leaks(await filesBelow(system.directory))).toEqual([]);
  });

  it('would be found if they were there', () => {
    const found = leaks([['a file', Buffer.from(`… ${Buffer.from(canary.secretText).toString('base64')} …`)]]);
    expect(found).toEqual(['secretText in a file']);
  });

  async function makeToken(name: string, scopes: readonly string[]): Promise<string> {
    const made = await system.api.request<{ token: string }>('POST', '/api/v1/tokens', { name, scopes });
    expect(made.status).toBe(201);
    return made.body.token;
  }

  async function rotate(): Promise<string> {
    const rotated = await system.api.request<{ token: string }>('POST', '/api/v1/join-token/rotate', {});
    expect(rotated.status).toBe(200);
    return rotated.body.token;
  }

  /** What is where it must not be, in any of the forms in which it might be written. */
  function leaks(places: readonly (readonly [string, Buffer])[]): readonly string[] {
    const found: string[] = [];
    for (const [what, value] of hidden) {
      for (const [name, bytes] of places) {
        if (formsOf(value).some((form) => bytes.includes(form))) found.push(`${what} in ${name}`);
      }
    }
    return found;
  }
});

/** The text itself, its bytes in base64 (at any of the three alignments) and hexadecimal, and percent-encoded. */
function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const base64 = [0, 1, 2].map((shift) => bytes.subarray(shift).toString('base64').slice(0, -4));
  return [value, bytes.toString('hex'), encodeURIComponent(value), ...base64];
}

function faultySecrets(value: string): readonly unknown[] {
  return [
    `{"value": "${value}`,
    `{"value": "${value}", "value": "${value}"}`,
    { value: [value] },
    { value: { [value]: value } },
    { valeu: value },
    { [value]: value },
    { value, valueBase64: value },
    { valueBase64: `${value}!` },
    [value],
    JSON.stringify(value),
    { value: value.repeat(2_000) },
  ];
}

async function filesBelow(directory: string): Promise<readonly (readonly [string, Buffer])[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !apiTokenFiles.has(entry.name));
  return Promise.all(
    files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, await readFile(path)] as const;
    }),
  );
}

interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly body: unknown;
}

function raw(url: string, { method, path, token, body }: RawRequest): Promise<Answer> {
  const content = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(content === undefined ? {} : { 'content-type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = `${response.rawHeaders.join('\n')}\n${Buffer.concat(chunks).toString()}`;
        resolve({ of: `the answer to ${method} ${path.split('?')[0]}`, status: response.statusCode ?? 0, text });
      });
    });
    sent.on('error', reject);
    sent.end(content);
  });
}
