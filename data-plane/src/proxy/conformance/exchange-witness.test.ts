import type { Decision, Exchange, RequestHead } from '../forwarder.ts';
import { ownAnswer } from '../own-answer.ts';
import { ExchangeWitness } from './exchange-witness.ts';

const head: RequestHead = {
  method: 'GET',
  target: '/a',
  version: '1.1',
  rawHeaders: [],
  clientAddress: '127.0.0.1',
  clientPort: 1,
  encrypted: false,
  upgrade: false,
};
const bytes = { received: 0, sent: 0 };

/** An exchange that keeps what it was told in a private field, as the core's do. */
class Told implements Exchange {
  readonly requestId = 'id';
  readonly version = 1;
  readonly shownVersion = undefined;
  readonly #statuses: number[] = [];

  get statuses(): readonly number[] {
    return this.#statuses;
  }

  answered(status: number): void {
    this.#statuses.push(status);
  }

  end(): void {}
}

function witnessed(): { witness: ExchangeWitness; told: Told; exchange: Exchange } {
  const [witness, told] = [new ExchangeWitness(), new Told()];
  const decision: Decision = { kind: 'answer', answer: ownAnswer('unknown_host'), exchange: told };
  return { witness, told, exchange: witness.decide(() => decision)(head).exchange };
}

describe('the exchange witness', () => {
  it('passes everything on and finds nothing wrong with an answer and an end', () => {
    const { witness, told, exchange } = witnessed();
    expect([witness.open, exchange.requestId]).toEqual([1, 'id']);
    exchange.answered(404, 'unknown_host');
    exchange.end({ kind: 'complete' }, bytes);
    expect([witness.open, witness.breaches, told.statuses]).toEqual([0, [], [404]]);
  });

  it('notes a second end and a second answer, and counts the end once', () => {
    const { witness, exchange } = witnessed();
    exchange.answered(404, 'unknown_host');
    exchange.answered(502, 'connect_failed');
    exchange.end({ kind: 'complete' }, bytes);
    exchange.end({ kind: 'client_aborted' }, bytes);
    expect([witness.open, witness.breaches]).toEqual([0, ['GET /a: answered twice', 'GET /a: ended twice']]);
  });

  it('notes what comes after the end', () => {
    const { witness, exchange } = witnessed();
    exchange.end({ kind: 'complete' }, bytes);
    exchange.answered(404, 'unknown_host');
    expect(witness.breaches).toEqual(['GET /a: answered after its end']);
  });
});
