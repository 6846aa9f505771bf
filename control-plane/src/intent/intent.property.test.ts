import { HeadgateError } from '@headgate/shared/error';
import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import { crossCheckConfiguration } from '@headgate/shared/model/cross-check';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from '../store/sqlite-store.ts';
import { backendsOf } from './apply-commit.ts';
import { documentsOf } from './apply-diff.cases.ts';
import { configurationDocument } from './documents.ts';
import { contentOf } from './intent-fixture.cases.ts';
import { Intent, type Plan } from './intent.ts';
import { loadIntent } from './load-intent.ts';
import { planArbitrary } from './plan-arbitrary.cases.ts';
import { planPutConfiguration } from './plan-put-configuration.ts';

describe('any sequence of changes', () => {
  it('leaves a valid configuration, right counts, and in memory what the store holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(planArbitrary, { minLength: 1, maxLength: 30 }), async (plans) => {
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
  if (result?.changed === true) expect(documentsOf(state)).not.toEqual(documentsOf(before));
}

function checkEntries(intent: Intent): void {
  const { backends, hosts } = intent.state.value;
  for (const [subject, { usedBy, servers, overrides, revision }] of backends.entries()) {
    const users = [...hosts.values()].filter(({ document }) => backendsOf(document).has(subject));
    expect(usedBy).toBe(users.length);
    expect([...servers.keys()]).toEqual([...servers.keys()].sort());
    for (const { revision: own } of servers.values()) expect(own).toBeLessThanOrEqual(revision);
    expect([...overrides.keys()]).toEqual([...overrides.keys()].sort());
    for (const [endpoint, override] of overrides) {
      const server = servers.get(endpoint);
      // A server that was put later than its override has a revision of its own.
      if (server !== undefined) expect(server.revision).toBeGreaterThanOrEqual(override.revision);
    }
  }
}
