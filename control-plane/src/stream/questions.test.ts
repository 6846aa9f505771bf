import { Response } from '@headgate/proto/generated/headgate/v1/control_plane';
import type { ExplainQuestion } from '@headgate/shared/model/explain-question';
import type { DataPlaneAnswer } from '../fleet/fleet-questions.ts';
import { eventually } from './eventually.cases.ts';
import type { RawDataPlane } from './raw-data-plane.cases.ts';
import { StreamStage } from './stream-stage.cases.ts';

const question: ExplainQuestion = {
  method: 'GET',
  url: 'http://app.example.com/',
  headers: [{ name: 'cookie', value: 'route=x' }],
  clientAddress: '192.0.2.1',
};

describe('questions to data planes', () => {
  let stage: StreamStage;
  beforeEach(async () => {
    stage = await StreamStage.open();
  });
  afterEach(() => stage.close());

  /** A data plane that has taken everything. */
  async function connect(features: readonly string[] = ['explain']): Promise<RawDataPlane> {
    const peer = stage.connect();
    peer.hello('dp', { features: [...features] });
    await peer.next('welcome');
    await peer.accept();
    return peer;
  }

  function ask(): Promise<DataPlaneAnswer> {
    return stage.questions.explain('dp', question);
  }

  function answer(peer: RawDataPlane, value: Parameters<typeof Response.fromPartial>[0]): void {
    peer.say({ $case: 'response', value: Response.fromPartial(value) });
  }

  it('come down the stream, and are answered by their ids in any order', async () => {
    const peer = await connect();
    const answers = [ask(), ask()];
    const first = await peer.next('request');
    const second = await peer.next('request');
    expect(first).toMatchObject({ id: 1, question: { $case: 'explain', value: question } });
    answer(peer, { id: second.id, answer: { $case: 'explanation', value: '{"of":2}' } });
    answer(peer, { id: first.id, answer: { $case: 'error', value: 'why' } });
    expect(await Promise.all(answers)).toEqual([
      { kind: 'failed', reason: 'why' },
      { kind: 'answer', text: '{"of":2}' },
    ]);
    expect(stage.clock.pending).toBe(0);
  });

  it('are not put to one that does not know them, or is not there', async () => {
    await connect([]);
    expect(await ask()).toEqual({ kind: 'unsupported' });
    expect(await stage.questions.explain('other', question)).toEqual({ kind: 'gone' });
    expect(stage.questions.ids).toEqual(['dp']);
  });

  it('are given up after five seconds, and a late answer is passed over', async () => {
    const peer = await connect();
    const late = ask();
    const { id } = await peer.next('request');
    stage.clock.advance(5_000);
    expect(await late).toEqual({ kind: 'late' });
    answer(peer, { id, answer: { $case: 'explanation', value: '{}' } });
    const next = ask();
    answer(peer, { id: (await peer.next('request')).id, answer: { $case: 'explanation', value: '{"n":2}' } });
    expect(await next).toEqual({ kind: 'answer', text: '{"n":2}' });
  });

  it('are sixteen at once', async () => {
    const peer = await connect();
    const asked = Array.from({ length: 16 }, () => ask());
    expect(await ask()).toEqual({ kind: 'busy' });
    answer(peer, { id: (await peer.next('request')).id, answer: { $case: 'explanation', value: '{}' } });
    await asked[0];
    const another = ask();
    expect(await Promise.race([another, Promise.resolve('open')])).toBe('open');
    peer.close();
    expect(await another).toEqual({ kind: 'gone' });
    expect(await asked[1]).toEqual({ kind: 'gone' });
    expect(stage.questions.ids).toEqual([]);
  });

  it('are answered in a way that is not known, and then that is said', async () => {
    const peer = await connect();
    const asked = ask();
    answer(peer, { id: (await peer.next('request')).id });
    expect(await asked).toMatchObject({ kind: 'failed' });
  });

  it('end the stream of one that answers what it was not asked', async () => {
    const peer = await connect();
    answer(peer, { id: 5, answer: { $case: 'explanation', value: '{}' } });
    expect((await peer.ended()).details).toContain('question 5');
    await eventually('it has gone', () => stage.state('dp') === 'gone');
  });
});
