import { ManualClock } from '@headgate/shared/manual-clock';
import { recordedContext, RecordedSink } from './recorded-sink.cases.ts';
import { SourceError, type SourceText } from './source.ts';
import { TextDeliveries } from './text-deliveries.ts';

function open() {
  const sink = new RecordedSink<readonly SourceText[]>();
  const clock = new ManualClock();
  return { sink, clock, deliveries: new TextDeliveries({ ...recordedContext(sink), clock }) };
}

const one: readonly SourceText[] = [{ name: 'one', text: 'content' }];

describe('texts of a document source', () => {
  it('are delivered again only when something about them has changed', () => {
    const { sink, deliveries } = open();
    const split: readonly SourceText[] = [{ name: 'onec', text: 'ontent' }];
    for (const texts of [one, one, split, [...one, ...split], [...one, ...split], one, []]) deliveries.take(texts);
    expect(sink.deliveries).toEqual([one, split, [...one, ...split], one, []]);
  });

  it('are delivered again now and then, as a sign of life', () => {
    const { sink, clock, deliveries } = open();
    for (let second = 0; second <= 25; second += 1) {
      deliveries.take(one);
      clock.advance(1_000);
    }
    expect(sink.deliveries).toHaveLength(3);
  });

  it('are delivered after a failure though they are the same', () => {
    const { sink, deliveries } = open();
    deliveries.take(one);
    deliveries.fail(new SourceError('away'));
    deliveries.fail(new SourceError('away'));
    deliveries.take(one);
    expect(sink.deliveries).toEqual([one, one]);
    expect(sink.failures).toHaveLength(2);
  });

  it('are not delivered once closed, and failures are not said', () => {
    const { sink, deliveries } = open();
    deliveries.close();
    deliveries.take(one);
    deliveries.fail(new SourceError('away'));
    expect([sink.deliveries, sink.failures]).toEqual([[], []]);
  });
});
