import { RecordedSink } from '../recorded-sink.cases.ts';
import { SourceError, type SourceEntry } from '../source.ts';
import { JoinedServices } from './joined-services.ts';

const entry = (name: string): SourceEntry => ({ name, server: {} });
const a = { entries: [entry('a')], changed: true };
const b = { entries: [entry('b')], changed: true };

function open() {
  const sink = new RecordedSink<readonly SourceEntry[]>();
  const services = new JoinedServices(['a', 'b'], sink);
  const delivered = () => sink.deliveries.map((wanted) => wanted.map(({ name }) => name).join());
  return { sink, services, delivered };
}

describe('JoinedServices', () => {
  it('delivers nothing before each was read, then all in the order of the document', () => {
    const { services, delivered } = open();
    services.read('b', b);
    services.read('b', b);
    expect(delivered()).toEqual([]);
    services.read('a', a);
    services.read('b', { entries: [], changed: true });
    services.read('a', { ...a, changed: false });
    expect(delivered()).toEqual(['a,b', 'a', 'a']);
  });

  it('does not say that all is well while one fails, and goes on with the changes of the others', () => {
    const { services, delivered } = open();
    services.read('a', a);
    services.read('b', b);
    services.failed('a', new Error('away'));
    services.read('b', { ...b, changed: false });
    expect(delivered()).toEqual(['a,b']);
    services.read('b', { entries: [entry('c')], changed: true });
    expect(delivered()).toEqual(['a,b', 'a,c']);
    services.read('a', { ...a, changed: false });
    expect(delivered()).toEqual(['a,b', 'a,c', 'a,c']);
  });

  it('names the service that fails and what is fit to be shown', () => {
    const { sink, services } = open();
    const cause = Object.assign(new Error('connect to hunter2'), { code: 'ECONNREFUSED' });
    services.failed('a', cause);
    services.failed('b', new SourceError('Consul answered 500 Internal Server Error'));
    expect(sink.failures.map(({ message }) => message)).toEqual([
      'service a: Consul cannot be reached (ECONNREFUSED)',
      'service b: Consul answered 500 Internal Server Error',
    ]);
    expect(sink.failures[0]!.cause).toBe(cause);
  });
});
