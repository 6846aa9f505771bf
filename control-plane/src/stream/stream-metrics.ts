import { Counter, Gauge, type Registry } from 'prom-client';

/** What the stream room counts. */
export interface StreamMetrics {
  readonly connected: Gauge;
  readonly updates: Counter<'kind'>;
  readonly bytes: Counter;
  readonly answers: Counter<'answer'>;
  readonly refusals: Counter<'code'>;
}

/** What is counted when somebody looks. */
export interface StreamLevels {
  readonly openStreams: () => number;
  readonly encodedUpdates: () => number;
}

/** Registers the metrics of the streams to data planes. */
export function createStreamMetrics(registry: Registry, levels: StreamLevels): StreamMetrics {
  const registers = [registry];
  const level = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  level('headgate_stream_open_streams', 'Streams, those that have not been welcomed included', levels.openStreams);
  level('headgate_stream_encoded_updates', 'Encoded updates in memory, one for all streams', levels.encodedUpdates);
  return {
    connected: new Gauge({
      name: 'headgate_stream_connected_data_planes',
      help: 'Data planes with a stream to this control plane',
      registers,
    }),
    updates: new Counter({
      name: 'headgate_stream_updates_total',
      help: 'Updates sent to data planes, by kind: full or delta',
      labelNames: ['kind'],
      registers,
    }),
    bytes: new Counter({
      name: 'headgate_stream_sent_bytes_total',
      help: 'Bytes of updates sent to data planes',
      registers,
    }),
    answers: new Counter({
      name: 'headgate_stream_answers_total',
      help: 'Answers of data planes to updates: ack or nack',
      labelNames: ['answer'],
      registers,
    }),
    refusals: new Counter({
      name: 'headgate_stream_refusals_total',
      help: 'Streams that the control plane has ended, by gRPC status',
      labelNames: ['code'],
      registers,
    }),
  };
}
