import { resolveConsulSource } from '@headgate/shared/model/consul-source';
import { serverSchema } from '@headgate/shared/model/server';
import { SourceError } from '../source.ts';
import { readInstances } from './read-instances.ts';

const least = { type: 'consul', address: 'http://127.0.0.1:8500', service: 'web' } as const;
const health = resolveConsulSource(least);
const catalog = resolveConsulSource({ ...least, use: 'catalog' });

function instance(service: object = {}, checks: readonly object[] = []) {
  return {
    Node: { Node: 'n1', Address: '10.9.0.1', Datacenter: 'dc1' },
    Service: { ID: 'web-1', Address: '10.0.0.1', Port: 80, ...service },
    Checks: checks,
  };
}

function readOne(service: object, checks?: readonly object[]) {
  return readInstances(health, JSON.stringify([instance(service, checks)]))[0]!;
}

describe('readInstances', () => {
  it('makes servers that are valid', () => {
    const { name, server } = readOne({ Tags: ['a'], Meta: { b: 'c' }, Weights: { Passing: 7, Warning: 1 } });
    expect(name).toBe('n1/web-1');
    expect(serverSchema.parse(server)).toEqual({
      address: '10.0.0.1',
      port: 80,
      weight: 7,
      zone: 'dc1',
      labels: { a: 'true', b: 'c' },
    });
  });

  it('does with what Consul leaves out or sets to null', () => {
    const body = [{ Node: { Node: 'n', Address: '10.9.0.1' }, Service: { ID: 'w', Port: 80, Tags: null, Meta: null } }];
    const [entry] = readInstances(health, JSON.stringify(body));
    expect(entry).toEqual({ name: 'n/w', server: { address: '10.9.0.1', port: 80, weight: 1 } });
  });

  it('reads the catalog', () => {
    const body = [{ Node: 'n', Address: '10.9.0.1', ServiceID: 'w', ServiceAddress: '', ServicePort: 81 }];
    const [entry] = readInstances(catalog, JSON.stringify(body));
    expect(entry).toEqual({ name: 'n/w', server: { address: '10.9.0.1', port: 81, weight: 1 } });
  });

  it.each([
    ['passing', 30],
    ['warning', 3],
    ['critical', 30],
  ])('weighs an instance that is %s', (Status, weight) => {
    const entry = readOne({ Weights: { Passing: 30, Warning: 3 } }, [{ CheckID: 'c', Status }]);
    expect(entry.server).toMatchObject({ weight });
  });

  it.each([
    [0, 1],
    [-5, 1],
    [2.5, 2],
    [65_535, 1_000],
  ])('brings the weight %d to %d', (Passing, weight) => {
    expect(readOne({ Weights: { Passing, Warning: 1 } }).server).toMatchObject({ weight });
  });

  it('takes no weights when they are not wanted', () => {
    const body = JSON.stringify([instance({ Weights: { Passing: 30, Warning: 3 } })]);
    expect(readInstances({ ...health, weights: 'none' }, body)[0]!.server).not.toHaveProperty('weight');
  });

  it.each(['_node_maintenance', '_service_maintenance:web-1'])('drains an instance with the check %s', (CheckID) => {
    expect(readOne({}, [{ CheckID, Status: 'critical' }]).state).toBe('draining');
    expect(readOne({}, [{ CheckID: 'own', Status: 'critical' }]).state).toBeUndefined();
  });

  it('has one order', () => {
    const ids = ['web-3', 'web-1', 'web-2'];
    const body = JSON.stringify(ids.map((ID) => instance({ ID })));
    expect(readInstances(health, body).map(({ name }) => name)).toEqual(['n1/web-1', 'n1/web-2', 'n1/web-3']);
  });

  it('shows names so that they are safe to print', () => {
    expect(readOne({ ID: `\u001b[31m${'x'.repeat(300)}` }).name).toMatch(/^n1\/\\u001b\[31mx+…$/);
  });

  it.each([
    '',
    'hunter2',
    '[{',
    'null',
    '{}',
    '{"instances": []}',
    '[null]',
    '[{"Node": {"Node": "n", "Address": "hunter2"}}]',
    JSON.stringify([instance(), instance({ Port: '80' })]),
    JSON.stringify([instance({ Tags: 'a' })]),
    JSON.stringify([instance({ Meta: { a: 1 } })]),
    '[{"Node": {}, "Node": {}}]',
  ])('refuses %s whole, and repeats nothing of it', (body) => {
    const read = () => readInstances(health, body);
    expect(read).toThrow(SourceError);
    expect(read).toThrow(/^the answer is not (JSON that can be read|a list of instances)$/);
  });
});
