import { sourceCases } from '../source.cases.ts';
import { NAME, openDnsStage, type DnsStage } from './dns-stage.cases.ts';

sourceCases({ name: 'DNS', open: () => openDnsStage({ allowEmpty: true }) });
sourceCases({ name: 'DNS with SRV', open: () => openDnsStage({ record: 'SRV', port: 0, allowEmpty: true }) });

describe('createDnsSource', () => {
  let stage: DnsStage;
  const open = async (options: Parameters<typeof openDnsStage>[0] = {}): Promise<DnsStage> => {
    return (stage = await openDnsStage(options));
  };
  afterEach(async () => {
    await stage.source.close();
    await stage.close();
  });

  it('delivers addresses of both families with the port', async () => {
    const { server, source, sink } = await open();
    server.holdAddresses(NAME, ['fd00::1', '10.0.0.1']);
    source.start();
    await sink.until('it delivers', ({ newest }) => newest !== undefined);
    expect(sink.newest).toEqual([
      { name: `${NAME} 10.0.0.1`, server: { address: '10.0.0.1', port: 8080 } },
      { name: `${NAME} fd00::1`, server: { address: 'fd00::1', port: 8080 } },
    ]);
  });

  it('delivers services with ports, weights and priorities', async () => {
    const { server, source, sink } = await open({ record: 'SRV', port: 0 });
    server.hold(NAME, [
      { type: 'SRV', priority: 20, weight: 0, port: 81, target: 'two.example.test' },
      { type: 'SRV', priority: 10, weight: 3, port: 80, target: 'one.example.test' },
      { type: 'SRV', priority: 10, weight: 9, port: 80, target: 'gone.example.test' },
    ]);
    server.holdAddresses('one.example.test', ['10.0.0.1', 'fd00::1']);
    server.holdAddresses('two.example.test', ['10.0.0.2']);
    source.start();
    await sink.until('it delivers', ({ newest }) => newest !== undefined);
    expect(sink.newest).toEqual([
      {
        name: 'one.example.test 10.0.0.1:80',
        server: { address: '10.0.0.1', port: 80, weight: 3, priority: 0 },
      },
      {
        name: 'one.example.test [fd00::1]:80',
        server: { address: 'fd00::1', port: 80, weight: 3, priority: 0 },
      },
      {
        name: 'two.example.test 10.0.0.2:81',
        server: { address: '10.0.0.2', port: 81, weight: 1, priority: 1 },
      },
    ]);
  });

  it('delivers answers that are too long for a datagram', async () => {
    const { server, hold, source, sink } = await open();
    const addresses = Array.from({ length: 1_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    await hold(addresses);
    source.start();
    await sink.until('it delivers', ({ newest }) => newest?.length === addresses.length);
    expect(server.questions.some(({ transport }) => transport === 'tcp')).toBe(true);
  });

  it.each([
    ['a name that does not exist', (at: DnsStage) => at.server.forget(NAME), 'the name does not exist'],
    ['a name without records', (at: DnsStage) => at.server.hold(NAME, []), 'the name has no such record'],
    ['SERVFAIL', (at: DnsStage) => at.server.misbehave(NAME, 'servfail'), 'the resolver could not find out (SERVFAIL)'],
    ['silence', (at: DnsStage) => at.server.misbehave(NAME, 'silence'), 'no answer within 500ms'],
  ])('fails at %s, and takes nothing back', async (_, breakIt, reason) => {
    const { hold, source, sink } = await open();
    await hold(['10.0.0.1']);
    source.start();
    await sink.until('it delivers', ({ newest }) => newest !== undefined);
    breakIt(stage);
    expect((await sink.nextFailure()).message).toMatch(new RegExp(`^(A|AAAA) of ${NAME}: ${escaped(reason)}$`));
    expect(stage.addressesOf(sink.newest!)).toEqual(['10.0.0.1']);
    await hold(['10.0.0.2']);
    await sink.until('it recovers', ({ newest }) => stage.addressesOf(newest!)[0] === '10.0.0.2');
  });

  it('fails whole when one target of a service cannot be looked up, and names none', async () => {
    const { server, source, sink } = await open({ record: 'SRV', port: 0 });
    await stage.hold(['10.0.0.1', '10.0.0.2']);
    server.misbehave('web-1.example.test', 'servfail');
    source.start();
    const { message } = await sink.nextFailure();
    expect(message).toBe(`a target of ${NAME}: the resolver could not find out (SERVFAIL)`);
    expect(sink.deliveries).toEqual([]);
  });

  it('holds a service that is decidedly not there for absent', async () => {
    const { server, source, sink } = await open({ record: 'SRV', port: 0 });
    server.hold(NAME, [{ type: 'SRV', priority: 0, weight: 0, port: 0, target: '' }]);
    source.start();
    expect((await sink.nextFailure()).message).toBe(`SRV of ${NAME}: no target has an address`);
  });

  it('refuses a service with too many targets', async () => {
    const { server, source, sink } = await open({ record: 'SRV', port: 0 });
    const record = { type: 'SRV', priority: 0, weight: 0, port: 80 } as const;
    server.hold(
      NAME,
      Array.from({ length: 1_001 }, (_, index) => ({ ...record, target: `w${index}.test` })),
    );
    source.start();
    expect((await sink.nextFailure()).message).toBe(`${NAME} has more than 1000 targets`);
  });

  it('refuses a service with too many servers', async () => {
    const { server, source, sink } = await open({ record: 'SRV', port: 0 });
    const addresses = (target: number): readonly string[] =>
      Array.from({ length: 1_001 }, (_, index) => `10.${target}.${index >> 8}.${index & 255}`);
    for (let target = 0; target < 10; target += 1) server.holdAddresses(`w${target}.test`, addresses(target));
    server.hold(
      NAME,
      Array.from({ length: 10 }, (_, index) => ({
        ...({ type: 'SRV', priority: 0, weight: 0, port: 80 } as const),
        target: `w${index}.test`,
      })),
    );
    source.start();
    expect((await sink.nextFailure()).message).toBe(`${NAME} has more than 10000 servers`);
  });

  it('closes at once while a question is not answered', async () => {
    const { server, source, sink } = await open({ timeoutMs: 30_000 });
    server.misbehave(NAME, 'silence');
    source.start();
    const started = performance.now();
    await source.close();
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(sink.failures).toEqual([]);
  });
});

function escaped(text: string): string {
  return text.replace(/[()]/g, '\\$&');
}
