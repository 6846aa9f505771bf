import { systemClock } from '../clock.ts';
import type { DnsError } from './dns-error.ts';
import { DnsQuestions } from './dns-questions.ts';
import { DnsTestServer } from './dns-server.cases.ts';

const NAME = 'web.example.test';

describe('DnsQuestions', () => {
  let server: DnsTestServer;
  beforeEach(async () => (server = await DnsTestServer.start()));
  afterEach(() => server.stop());

  const ask = (timeoutMs = 2_000): DnsQuestions =>
    new DnsQuestions({ resolvers: [server.address], timeoutMs, clock: systemClock });
  const failure = async (answer: Promise<unknown>): Promise<Pick<DnsError, 'kind' | 'message'>> => {
    const { kind, message } = (await answer.then(
      () => Promise.reject(new Error('it has answered')),
      (error: unknown) => error,
    )) as DnsError;
    return { kind, message };
  };

  it('brings the addresses of both families, canonical, each once, in order', async () => {
    server.holdAddresses(NAME, ['10.0.0.2', 'fd00:0:0::1', '10.0.0.1', '10.0.0.2', '::ffff:a00:3']);
    await expect(ask().addresses(NAME, 'address')).resolves.toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3', 'fd00::1']);
  });

  it('asks for one family alone', async () => {
    server.holdAddresses(NAME, ['10.0.0.1', 'fd00::1']);
    await expect(ask().addresses(NAME, 'A')).resolves.toEqual(['10.0.0.1']);
    await expect(ask().addresses(NAME, 'AAAA')).resolves.toEqual(['fd00::1']);
    expect(server.questions.map(({ type }) => type)).toEqual(['A', 'AAAA']);
  });

  it('takes one family where the other is not there', async () => {
    server.holdAddresses(NAME, ['fd00::1']);
    await expect(ask().addresses(NAME, 'address')).resolves.toEqual(['fd00::1']);
  });

  it('brings services', async () => {
    server.hold(NAME, [{ type: 'SRV', priority: 10, weight: 5, port: 8080, target: 'one.example.test' }]);
    const [service, ...more] = await ask().services(NAME);
    expect(service).toMatchObject({ priority: 10, weight: 5, port: 8080, name: 'one.example.test' });
    expect(more).toEqual([]);
  });

  it('sees a change at once', async () => {
    const questions = ask();
    for (const addresses of [['10.0.0.1'], ['10.0.0.2']]) {
      server.holdAddresses(NAME, addresses);
      await expect(questions.addresses(NAME, 'address')).resolves.toEqual(addresses);
    }
  });

  it('asks over TCP when an answer is too long for UDP', async () => {
    const addresses = Array.from({ length: 2_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    server.holdAddresses(NAME, addresses);
    await expect(ask().addresses(NAME, 'A')).resolves.toHaveLength(2_000);
    expect(server.questions.at(-1)?.transport).toBe('tcp');
  });

  it('says that a name is absent, or lacks the record', async () => {
    expect(await failure(ask().addresses(NAME, 'address'))).toEqual({
      kind: 'absent',
      message: `A of ${NAME}: the name does not exist`,
    });
    server.hold(NAME, []);
    expect(await failure(ask().services(NAME))).toEqual({
      kind: 'absent',
      message: `SRV of ${NAME}: the name has no such record`,
    });
  });

  it('says that the resolver fails, or is not there', async () => {
    server.misbehave(NAME, 'servfail');
    expect(await failure(ask().addresses(NAME, 'A'))).toEqual({
      kind: 'failed',
      message: `A of ${NAME}: the resolver could not find out (SERVFAIL)`,
    });
    await server.stop();
    expect(await failure(ask().addresses(NAME, 'A'))).toEqual({
      kind: 'failed',
      message: `A of ${NAME}: no resolver can be reached`,
    });
  });

  it('gives up what is not answered in time', async () => {
    server.misbehave(NAME, 'silence');
    const started = performance.now();
    expect(await failure(ask(300).addresses(NAME, 'address'))).toEqual({
      kind: 'timeout',
      message: `A of ${NAME}: no answer within 300ms`,
    });
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  it('believes no garbage', async () => {
    server.misbehave(NAME, 'garbage');
    expect(['failed', 'timeout']).toContain((await failure(ask(600).addresses(NAME, 'A'))).kind);
  });

  it('takes back what is not answered', async () => {
    server.misbehave(NAME, 'silence');
    const questions = ask(60_000);
    const answer = failure(questions.addresses(NAME, 'address'));
    questions.cancel();
    expect(await answer).toMatchObject({ kind: 'cancelled' });
  });
});
