import { resolveConsulSource, type ConsulSourceDocument } from '@headgate/shared/model/consul-source';
import { describeWith } from '../needed-program.cases.ts';
import { recordedContext, RecordedSink } from '../recorded-sink.cases.ts';
import { sourceCases } from '../source.cases.ts';
import type { SourceEntry } from '../source.ts';
import { ConsulAgent } from './consul-agent.cases.ts';
import { createConsulSource } from './create-consul-source.ts';

type Wanted = readonly SourceEntry[];
type Rest = Omit<ConsulSourceDocument, 'type' | 'address'>;

const program = { consul: 'go install github.com/hashicorp/consul, or its package of the distribution' };

describeWith(program, 'Consul', ({ consul }) => {
  for (const [name, document] of Object.entries<Rest>({
    'its health': { service: 'web' },
    'its catalog': { service: 'web', use: 'catalog' },
  })) {
    sourceCases<Wanted>({
      name,
      open: async () => {
        const agent = await ConsulAgent.start(consul!);
        const sink = new RecordedSink<Wanted>();
        return {
          sink,
          source: follow(agent, sink, document),
          hold: (addresses) => agent.hold('web', addresses),
          addressesOf,
          lose: () => agent.kill(),
          restore: () => agent.start(),
          nonsense: () => agent.replaceBy('{"instances": []}'),
          close: () => agent.close(),
        };
      },
    });
  }

  describe('of one agent', () => {
    let agent: ConsulAgent;
    beforeAll(async () => (agent = await ConsulAgent.start(consul!)));
    afterAll(() => agent.close());

    async function read(document: Rest, holds: (wanted: Wanted) => boolean): Promise<Wanted> {
      const sink = new RecordedSink<Wanted>();
      const source = follow(agent, sink, document);
      source.start();
      try {
        await sink.until(
          `what ${JSON.stringify(document)} shall find`,
          ({ newest }) => newest !== undefined && holds(newest),
        );
        return sink.newest!;
      } finally {
        await source.close();
      }
    }

    it('brings everything that a server can have', async () => {
      await agent.register({
        ID: 'full-1',
        Name: 'full',
        Address: '10.1.0.1',
        Port: 8081,
        Tags: ['primary', 'version=2'],
        Meta: { rack: 'r7' },
        Weights: { Passing: 30, Warning: 3 },
      });
      const [entry] = await read({ service: 'full' }, ({ length }) => length === 1);
      expect(entry).toEqual({
        name: expect.stringMatching(/\/full-1$/),
        server: {
          address: '10.1.0.1',
          port: 8081,
          weight: 30,
          zone: 'dc1',
          labels: { rack: 'r7', primary: 'true', version: '2' },
        },
      });
    });

    it('takes the address of the node for an instance without one', async () => {
      await agent.register({ ID: 'bare-1', Name: 'bare', Address: '', Port: 8082 });
      for (const use of ['health', 'catalog'] as const) {
        expect(addressesOf(await read({ service: 'bare', use }, ({ length }) => length === 1))).toEqual(['127.0.0.1']);
      }
    });

    it('leaves out what does not pass, unless all are wanted', async () => {
      const Check = { CheckID: 'ttl', TTL: '1h' };
      for (const [id, status] of Object.entries({ ok: 'pass', warns: 'warn', fails: 'fail' })) {
        const ID = `checked-${id}`;
        await agent.register({
          ID,
          Name: 'checked',
          Address: `10.2.0.${id.length}`,
          Port: 80,
          Weights: { Passing: 10, Warning: 5 },
          Check: { ...Check, CheckID: ID },
        });
        await agent.call('PUT', `/v1/agent/check/${status}/${ID}`);
      }
      const passing = await read({ service: 'checked' }, ({ length }) => length === 1);
      expect(namesOf(passing)).toEqual(['checked-ok']);
      const all = await read({ service: 'checked', passingOnly: false }, ({ length }) => length === 3);
      expect(all.map(({ server }) => (server as { weight: number }).weight)).toEqual([10, 10, 5]);
      const catalog = await read({ service: 'checked', use: 'catalog' }, ({ length }) => length === 3);
      expect(namesOf(catalog)).toEqual(['checked-fails', 'checked-ok', 'checked-warns']);
    });

    it('drains an instance in maintenance where all are wanted', async () => {
      await agent.register({ ID: 'kept-1', Name: 'kept', Address: '10.3.0.1', Port: 80 });
      await agent.call('PUT', '/v1/agent/service/maintenance/kept-1?enable=true&reason=upgrade');
      const all = await read({ service: 'kept', passingOnly: false }, ([entry]) => entry?.state !== undefined);
      expect(all.map(({ state }) => state)).toEqual(['draining']);
      expect(await read({ service: 'kept' }, ({ length }) => length === 0)).toEqual([]);
    });

    it('asks for every tag', async () => {
      await agent.register({ ID: 'tagged-1', Name: 'tagged', Address: '10.4.0.1', Port: 80, Tags: ['a'] });
      await agent.register({ ID: 'tagged-2', Name: 'tagged', Address: '10.4.0.2', Port: 80, Tags: ['a', 'b c'] });
      for (const use of ['health', 'catalog'] as const) {
        const both = await read({ service: 'tagged', tags: ['a', 'b c'], use }, ({ length }) => length > 0);
        expect(namesOf(both)).toEqual(['tagged-2']);
      }
    });

    it('puts several services together, and finds none where there is none', async () => {
      await agent.register({ ID: 'one-1', Name: 'one', Address: '10.5.0.1', Port: 80 });
      await agent.register({ ID: 'two-1', Name: 'two:x', Address: '10.5.0.2', Port: 80 });
      const services = ['two:x', 'one', 'absent'];
      expect(namesOf(await read({ services, stale: true }, ({ length }) => length > 0))).toEqual(['two-1', 'one-1']);
    });

    it('fails at a datacenter that there is not', async () => {
      const sink = new RecordedSink<Wanted>();
      const source = follow(agent, sink, { service: 'one', datacenter: 'mars' });
      source.start();
      const { message } = await sink.nextFailure();
      await source.close();
      expect(message).toBe('service one: Consul answered 500 Internal Server Error');
      expect(sink.deliveries).toEqual([]);
    });

    it('hears of a change within a wait, and of nothing else', async () => {
      await agent.hold('calm', ['10.6.0.1']);
      const sink = new RecordedSink<Wanted>();
      const source = follow(agent, sink, { service: 'calm', wait: '10m' });
      source.start();
      await sink.until('the first delivery', ({ deliveries }) => deliveries.length > 0);
      await agent.hold('other', ['10.6.0.7']);
      await agent.hold('calm', ['10.6.0.2']);
      await sink.until('the change', ({ newest }) => addressesOf(newest!).includes('10.6.0.2'));
      await source.close();
      // Registering and leaving are two changes; two more are left to Consul's own book-keeping.
      expect(sink.deliveries.length).toBeLessThan(6);
    });
  });

  describe('with ACLs', () => {
    const management = '5b1c1f5e-0000-4000-8000-000000000001';
    let agent: ConsulAgent;
    beforeAll(async () => (agent = await ConsulAgent.start(consul!, management)));
    afterAll(() => agent.close());

    async function tokenFor(rules: string): Promise<string> {
      const name = `policy-${Math.random().toString(36).slice(2)}`;
      await agent.call('PUT', '/v1/acl/policy', { Name: name, Rules: rules });
      const token = await agent.call('PUT', '/v1/acl/token', { Policies: [{ Name: name }] });
      return (token as { readonly SecretID: string }).SecretID;
    }

    function open(token: string | undefined) {
      const sink = new RecordedSink<Wanted>();
      const document: Rest = { service: 'web', ...(token !== undefined && { token: 'consul-token' }) };
      const secrets = new Map(token === undefined ? [] : [['consul-token', `${token}\n`]]);
      return { sink, secrets, source: follow(agent, sink, document, secrets) };
    }

    it('reads with a token, and takes nothing back when the token loses its rights', async () => {
      await agent.hold('web', ['10.0.0.1']);
      const good = await tokenFor('service_prefix "" { policy = "read" } node_prefix "" { policy = "read" }');
      const { sink, secrets, source } = open(good);
      source.start();
      await sink.until('the first delivery', ({ deliveries }) => deliveries.length > 0);
      // Read at the next query, which comes with the next change.
      secrets.set('consul-token', await tokenFor('key_prefix "" { policy = "read" }'));
      await agent.hold('web', ['10.0.0.1', '10.0.0.2']);
      const { message } = await sink.nextFailure();
      expect(message).toBe('service web: the token may not read all instances: it needs service:read and node:read');
      expect(sink.deliveries.every(({ length }) => length > 0)).toBe(true);
      secrets.set('consul-token', good);
      await sink.until('all of them', ({ newest }) => newest?.length === 2);
      await source.close();
    });

    it.each([
      ['without a token', undefined, 'Consul shows nothing without a token, whatever there is: name one'],
      ['with an unknown token', '5b1c1f5e-0000-4000-8000-00000000dead', 'Consul answered 403 Forbidden'],
    ])('fails %s', async (_how, token, reason) => {
      await agent.hold('web', ['10.0.0.1']);
      const { sink, source } = open(token);
      source.start();
      const { message } = await sink.nextFailure();
      await source.close();
      expect(message).toBe(`service web: ${reason}`);
      expect(sink.deliveries).toEqual([]);
    });
  });
});

function follow(agent: ConsulAgent, sink: RecordedSink<Wanted>, document: Rest, secrets?: ReadonlyMap<string, string>) {
  const source = resolveConsulSource({ type: 'consul', address: agent.url, ...document });
  return createConsulSource(source, recordedContext(sink, secrets), { backoff: { baseMs: 20, maxMs: 200 } });
}

function addressesOf(wanted: Wanted): readonly string[] {
  return wanted.map(({ server }) => (server as { readonly address: string }).address);
}

function namesOf(wanted: Wanted): readonly string[] {
  return wanted.map(({ name }) => name.slice(name.indexOf('/') + 1));
}
