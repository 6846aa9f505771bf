import { createLogger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { initialSnapshot } from '../snapshot/initial-snapshot.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { applyDiff, documentsOf } from './apply-diff.cases.ts';
import { diffDocuments } from './diff-documents.ts';
import { configurationDocument } from './documents.ts';
import { contentOf } from './intent-fixture.cases.ts';
import type { IntentState } from './intent-state.ts';
import { Intent, type Plan } from './intent.ts';
import { loadIntent } from './load-intent.ts';
import { planArbitrary } from './plan-arbitrary.cases.ts';
import { planRollback } from './plan-rollback.ts';

const who = { author: 'someone', message: '' };
const sequence = fc.array(planArbitrary, { minLength: 1, maxLength: 25 });
const keptRevisions = fc.oneof(fc.constant(1_000), fc.integer({ min: 1, max: 6 }));

describe('after any sequence of changes', () => {
  it('every revision is reproduced exactly, and a diff applied to one revision gives the other', async () => {
    await fc.assert(
      fc.asyncProperty(sequence, keptRevisions, async (plans, kept) => {
        await withIntent(kept, async (intent) => {
          const states = await makeAll(intent, plans);
          const newest = states.length - 1;
          const known = states.filter(({ revision }) => revision >= newest - kept);
          for (const from of known) for (const to of known) await expectDiff(intent, from, to);
          for (const { revision } of states.filter((state) => !known.includes(state))) {
            await expect(intent.history.changes(revision, newest)).rejects.toMatchObject({
              code: 'HEADGATE_NOT_FOUND',
            });
          }
        });
      }),
      { numRuns: 40 },
    );
  });

  it('a rollback serves the content of any kept revision under a new version, and can be taken back', async () => {
    await fc.assert(
      fc.asyncProperty(sequence, keptRevisions, fc.nat(), async (plans, kept, choice) => {
        await withIntent(kept, async (intent, store) => {
          const states = await makeAll(intent, plans);
          const newest = states.at(-1)!;
          const known = states.filter(({ revision }) => revision >= newest.revision - kept);
          const wanted = known[choice % known.length]!;
          await expectRollback(intent, newest, wanted);
          if (kept > 1) await expectRollback(intent, intent.state.value, newest);
          expect(contentOf(intent.state.value)).toEqual(contentOf(loadIntent(await store.load())));
        });
      }),
      { numRuns: 40 },
    );
  });
});

async function expectDiff({ history }: Intent, from: IntentState, to: IntentState): Promise<void> {
  const diff = diffDocuments(await history.changes(from.revision, to.revision));
  expect(applyDiff(documentsOf(from), diff)).toEqual(documentsOf(to));
  if (from === to) expect(diff).toEqual([]);
}

async function expectRollback(intent: Intent, before: IntentState, wanted: IntentState): Promise<void> {
  const equal = isDeepStrictEqual(documentsOf(before), documentsOf(wanted));
  const rollback: Plan = (state) => planRollback(state, { to: wanted.revision, history: intent.history });
  const result = await intent.write(rollback, who, { force: true });
  expect(result).toMatchObject({
    changed: !equal,
    revision: before.revision + (equal ? 0 : 1),
    version: before.version + (equal ? 0 : 1),
  });
  expect(configurationDocument(result.state)).toEqual(configurationDocument(wanted));
  expect(documentsOf(result.state)).toEqual(documentsOf(wanted));
  expect(served(result.state)).toEqual(served(wanted));
}

/** What data planes are sent, object by object. */
function served(state: IntentState): unknown {
  const { objects } = initialSnapshot(state);
  return [...objects.entries()].map(([key, { body }]) => `${key} ${Buffer.from(body).toString('base64')}`).sort();
}

/** The state at every revision, 0 first. */
async function makeAll(intent: Intent, plans: readonly Plan[]): Promise<readonly IntentState[]> {
  const states = [intent.state.value];
  for (const plan of plans) {
    // What a rule refuses makes no revision.
    await intent.write(plan, who, { force: true }).catch(() => undefined);
    if (intent.state.value !== states.at(-1)) states.push(intent.state.value);
  }
  return states;
}

async function withIntent(kept: number, use: (intent: Intent, store: SqliteStore) => Promise<void>): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'headgate-history-'));
  const store = await SqliteStore.open({ dataDir, clock: new ManualClock(), keptRevisions: kept });
  const intent = await Intent.create(store, { logger: createLogger('test', 'silent') });
  intent.start();
  try {
    await use(intent, store);
  } finally {
    await intent.close();
    await store.close();
    rmSync(dataDir, { recursive: true });
  }
}
