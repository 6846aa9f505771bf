import { HeadgateError } from '@headgate/shared/error';
import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import { crossCheckConfiguration } from '@headgate/shared/model/cross-check';
import { parseConfiguration } from '@headgate/shared/model/parse-configuration';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from '../store/sqlite-store.ts';
import { backendsOf } from './apply-commit.ts';
import { configurationDocument } from './documents.ts';
import { contentOf } from './intent-fixture.cases.ts';
import { Intent, type Plan } from './intent.ts';
import { loadIntent } from './load-intent.ts';
import { planDeleteBackend } from './plan-delete-backend.ts';
import { planDeleteHost } from './plan-delete-host.ts';
import { planDeleteServer } from './plan-delete-server.ts';
import { planPutBackend } from './plan-put-backend.ts';
import { planPutConfiguration } from './plan-put-configuration.ts';
import { planPutHost } from './plan-put-host.ts';
import { planPutServer } from './plan-put-server.ts';

const name = fc.constantFrom('a', 'b', 'c');
const host = fc.constantFrom('x.example', '*.example', '*');
const server = fc.record(
  {
    address: fc.constantFrom('10.0.0.2', '10.0.0.10', 'fd00::1'),
    port: fc.constantFrom(80, 81),
    weight: fc.integer({ min: 1, max: 2 }),
  },
  { requiredKeys: ['address', 'port'] },
);
const backend = fc.record(
  {
    name,
    servers: fc.uniqueArray(server, { maxLength: 4, selector: ({ address, port }) => `${address}:${port}` }),
    via: fc.boolean(),
    healthCheck: fc.constantFrom({ type: 'tcp' as const }, { fall: 2, type: 'http' as const, path: '/' }),
  },
  { requiredKeys: ['name', 'servers'] },
);
const hostDocument = fc.oneof(
  fc.record({ host, backend: name }),
  fc.record({ host, routes: fc.array(fc.record({ backend: name }), { minLength: 1, maxLength: 3 }) }),
);
const whole = fc
  .record({
    backends: fc.uniqueArray(backend, { maxLength: 3, selector: (document) => document.name }),
    hosts: fc.uniqueArray(hostDocument, { maxLength: 3, selector: (document) => document.host }),
  })
  .map(parseConfiguration)
  .filter((parsed) => parsed.ok)
  .map((parsed) => parsed.value);

const plan: fc.Arbitrary<Plan> = fc.oneof(
  backend.map(
    (document): Plan =>
      (state) =>
        planPutBackend(state, document),
  ),
  backend.map(
    (document): Plan =>
      (state) =>
        planPutBackend(state, document, { mustBeNew: true }),
  ),
  name.map(
    (subject): Plan =>
      (state) =>
        planDeleteBackend(state, subject),
  ),
  fc.record({ backend: name, document: server }).map(
    (subject): Plan =>
      (state) =>
        planPutServer(state, subject),
  ),
  fc.record({ backend: name, endpoint: fc.constantFrom('10.0.0.2:80', '10.0.0.10:80', '[fd00::1]:81') }).map(
    (subject): Plan =>
      (state) =>
        planDeleteServer(state, subject),
  ),
  hostDocument.map(
    (document): Plan =>
      (state) =>
        planPutHost(state, document),
  ),
  host.map(
    (subject): Plan =>
      (state) =>
        planDeleteHost(state, subject),
  ),
  whole.map(
    (document): Plan =>
      (state) =>
        planPutConfiguration(state, document),
  ),
);

describe('any sequence of changes', () => {
  it('leaves a valid configuration, right counts, and in memory what the store holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(plan, { minLength: 1, maxLength: 30 }), async (plans) => {
        const dataDir = mkdtempSync(join(tmpdir(), 'headgate-intent-'));
        const store = await SqliteStore.open({ dataDir, clock: new ManualClock() });
        const intent = await Intent.create(store, { logger: createLogger('test', 'silent') });
        intent.start();
        try {
          for (const next of plans) await changeAndCheck(intent, next);
          expect(contentOf(intent.state.value)).toEqual(contentOf(loadIntent(await store.load())));
        } finally {
          await intent.close();
          await store.close();
          rmSync(dataDir, { recursive: true });
        }
      }),
      { numRuns: 60 },
    );
  });
});

async function changeAndCheck(intent: Intent, next: Plan): Promise<void> {
  const before = intent.state.value;
  const result = await intent.write(next, { author: 'someone', message: '' }).catch((error: unknown) => {
    // Refused by a rule, which is an answer; anything else is a bug.
    expect(error).toBeInstanceOf(HeadgateError);
    return undefined;
  });
  const state = intent.state.value;
  expect(state.revision).toBe(before.revision + (result?.changed === true ? 1 : 0));
  expect(crossCheckConfiguration(configurationDocument(state))).toEqual([]);
  checkEntries(intent);
  expect(planPutConfiguration(state, configurationDocument(state))).toEqual({ objects: [] });
  if (result?.changed === true) expect(configurationDocument(state)).not.toEqual(configurationDocument(before));
}

function checkEntries(intent: Intent): void {
  const { backends, hosts } = intent.state.value;
  for (const [subject, { usedBy, servers, revision }] of backends.entries()) {
    const users = [...hosts.values()].filter(({ document }) => backendsOf(document).has(subject));
    expect(usedBy).toBe(users.length);
    expect([...servers.keys()]).toEqual([...servers.keys()].sort());
    for (const { revision: own } of servers.values()) expect(own).toBeLessThanOrEqual(revision);
  }
}
