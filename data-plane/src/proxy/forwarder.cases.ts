import type { ConformanceCase } from './conformance/conformance-case.ts';
import type { ForwarderFixture } from './conformance/fixture.ts';
import { Stage } from './conformance/stage.ts';
import { allCases } from './conformance/cases/all.cases.ts';
import type { KnownGap } from './forwarder.ts';

const CASE_TIMEOUT_MS = 30_000;
/** A case that is known to fail may do so by waiting: it is not given long. */
const GAP_DEADLINE_MS = 1_000;

/**
 * Everything that a forwarder has to do, seen from both of its wires. A known gap is skipped with its reason in the
 * title; should its case pass, or not exist, that is a failure: the list of gaps must stay true.
 */
export function describeForwarder(name: string, fixture: ForwarderFixture, knownGaps: readonly KnownGap[] = []): void {
  const gaps = new Map(knownGaps.map((gap) => [gap.case, gap]));
  describe(`the ${name} forwarder`, () => {
    for (const one of allCases) {
      const gap = gaps.get(one.id);
      if (gap === undefined) it(`${one.title} [${one.id}]`, () => passes(one, fixture), CASE_TIMEOUT_MS);
      else describeGap(one, gap, fixture);
    }
    describeList(knownGaps);
  });
}

function describeGap(one: ConformanceCase, gap: KnownGap, fixture: ForwarderFixture): void {
  it.skip(`${one.title} [${one.id}]: ${gap.reason}`, () => undefined);
  if (gap.byChance === true) return;
  it(
    `still has the known gap ${one.id}`,
    async () => {
      await expect(passes(one, fixture, GAP_DEADLINE_MS)).rejects.toThrow();
    },
    CASE_TIMEOUT_MS,
  );
}

function describeList(knownGaps: readonly KnownGap[]): void {
  it('has cases with ids of their own', () => {
    const ids = allCases.map((one) => one.id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('has known gaps that name a case, once, and say why', () => {
    const ids = new Set(allCases.map((one) => one.id));
    const unknown = knownGaps.filter((gap) => !ids.has(gap.case) || gap.reason.trim() === '');
    expect(unknown).toEqual([]);
    expect(new Set(knownGaps.map((gap) => gap.case)).size).toBe(knownGaps.length);
  });
}

/** Runs a case, and checks that it left nothing over. */
async function passes(one: ConformanceCase, fixture: ForwarderFixture, deadlineMs?: number): Promise<void> {
  const stage = new Stage(fixture, deadlineMs);
  try {
    await one.run(stage);
    await stage.finish();
  } finally {
    await stage.clear();
  }
}
