import { testPem } from '@headgate/shared/tls/testdata/tls-directory';
import { addressesOf, documentOf } from '../document-addresses.cases.ts';
import { describeWith } from '../needed-program.cases.ts';
import { recordedContext, RecordedSink } from '../recorded-sink.cases.ts';
import { sourceCases, type SourceStage } from '../source.cases.ts';
import type { SourceText } from '../source.ts';
import { redisPrograms, RedisServer, type RedisServerOptions } from './redis-server.cases.ts';
import { createRedisSource } from './redis-source.ts';

const KEY = 'balancer';

type Place = Pick<SourceStage<readonly SourceText[]>, 'lose' | 'restore'>;

async function open(
  options: RedisServerOptions,
  placeOf: (server: RedisServer) => Place,
): Promise<SourceStage<readonly SourceText[]>> {
  const server = await RedisServer.start(options);
  const sink = new RecordedSink<readonly SourceText[]>();
  const caPem = options.tls === true ? testPem('servers-ca.crt').toString() : undefined;
  const { password } = options;
  return {
    sink,
    source: createRedisSource({ url: server.url, password, caPem, pollMs: 50 }, recordedContext(sink)),
    hold: async (addresses) => void (await server.command('SET', KEY, documentOf(addresses))),
    addressesOf,
    ...placeOf(server),
    nonsense: async () => {
      await server.command('DEL', KEY);
      await server.command('LPUSH', KEY, 'no string');
    },
    close: () => server.close(),
  };
}

describeWith(redisPrograms, 'sources of Redis', () => {
  sourceCases({
    name: 'a Redis that may end',
    open: () => open({}, (server) => ({ lose: () => server.kill(), restore: () => server.start() })),
  });

  sourceCases({
    name: 'a Redis that may stop answering',
    open: () =>
      open({ events: 'KA' }, (server) => ({ lose: async () => server.freeze(), restore: async () => server.thaw() })),
  });

  sourceCases({
    name: 'a Redis with TLS and a password',
    open: () =>
      open({ tls: true, password: 'kept-to-itself' }, (server) => ({
        lose: () => server.kill(),
        restore: () => server.start(),
      })),
  });
});
