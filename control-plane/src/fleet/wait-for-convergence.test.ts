import type { Convergence, ConvergenceQuestion } from './convergence.ts';
import { TestFleet } from './fleet.cases.ts';
import { waitForConvergence } from './wait-for-convergence.ts';

interface Waiting {
  answer: Convergence | undefined;
  readonly done: Promise<Convergence>;
}

describe('waiting for convergence', () => {
  let fleet: TestFleet;
  beforeEach(() => {
    fleet = new TestFleet();
    fleet.history.putBackend('a');
  });

  function wait(question: Partial<ConvergenceQuestion> = {}, signal?: AbortSignal): Waiting {
    const { register, history, clock } = fleet;
    const options = { register, newest: history.log.latest, clock, waitMs: 10_000, ...(signal && { signal }) };
    const done = waitForConvergence({ version: 2, ignoreGone: false, ...question }, options);
    const waiting: Waiting = { answer: undefined, done };
    void done.then((answer) => (waiting.answer = answer));
    return waiting;
  }

  /** Lets promises settle, but no event in. */
  async function sameTurn(): Promise<void> {
    for (let step = 0; step < 10; step++) await Promise.resolve();
  }

  it('answers at once when all is live', async () => {
    fleet.join('x', 2);
    expect((await wait().done).converged).toBe(true);
    expect(fleet.clock.pending).toBe(0);
  });

  it('answers in the turn of the last acknowledgement, and not before', async () => {
    for (const id of ['x', 'y', 'z']) fleet.join(id, 1);
    const waiting = wait();
    for (const id of ['x', 'y']) fleet.ack(id, 2);
    await sameTurn();
    expect(waiting.answer).toBeUndefined();
    fleet.ack('z', 2);
    await sameTurn();
    expect(waiting.answer?.converged).toBe(true);
    expect(fleet.clock.pending).toBe(0);
  });

  it('waits for the first data plane when there is none', async () => {
    const waiting = wait();
    await sameTurn();
    expect(waiting.answer).toBeUndefined();
    fleet.join('x', 2);
    await sameTurn();
    expect(waiting.answer?.converged).toBe(true);
  });

  it('waits for one that joins meanwhile', async () => {
    fleet.join('x', 1);
    const waiting = wait();
    fleet.join('y', 1);
    fleet.ack('x', 2);
    await sameTurn();
    expect(waiting.answer).toBeUndefined();
    fleet.ack('y', 2);
    await sameTurn();
    expect(waiting.answer?.converged).toBe(true);
  });

  it('is over as soon as one that had gone is forgotten, or at once when those are ignored', async () => {
    fleet.join('x', 2);
    fleet.join('y', 1);
    fleet.register.left('y');
    expect((await wait({ ignoreGone: true }).done).converged).toBe(true);
    fleet.clock.advance(595_000);
    const waiting = wait();
    await sameTurn();
    expect(waiting.answer).toBeUndefined();
    fleet.clock.advance(5_000);
    await sameTurn();
    expect(waiting.answer).toMatchObject({ converged: true, dataPlanes: [{ id: 'x' }] });
  });

  it('ends with what there is when the time is over', async () => {
    fleet.join('x', 1);
    const waiting = wait();
    fleet.clock.advance(9_999);
    await sameTurn();
    expect(waiting.answer).toBeUndefined();
    fleet.clock.advance(1);
    await sameTurn();
    expect(waiting.answer).toMatchObject({ converged: false, dataPlanes: [{ id: 'x', version: 1 }] });
  });

  it('ends when the asker has gone', async () => {
    fleet.join('x', 1);
    const asker = new AbortController();
    const waiting = wait({}, asker.signal);
    asker.abort();
    expect((await waiting.done).converged).toBe(false);
    expect(fleet.clock.pending).toBe(0);
  });
});
