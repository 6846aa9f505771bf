import { z } from 'zod';
import { backendSchema } from './backend.ts';
import { configurationOutlineSchema } from './configuration.ts';
import { checkSchema } from './check-schema.ts';
import { hostSchema } from './host.ts';
import { limitFaults } from './limit-faults.ts';

function faultsOf(schema: z.ZodType, input: unknown) {
  const result = checkSchema(schema, input);
  return result.ok ? [] : limitFaults(result.faults);
}

function codesOf(schema: z.ZodType, input: unknown): string[] {
  return faultsOf(schema, input).map(({ code, pointer }) => `${code} ${pointer}`);
}

const web = { name: 'web' };

describe('checkSchema', () => {
  it('gives the value of a valid input', () => {
    const backend = { name: 'web', servers: [{ address: '10.0.0.1', port: 80 }] };
    expect(checkSchema(backendSchema, backend)).toEqual({ ok: true, value: backend });
  });

  it('splits the message of the schema into what is wrong and what to do', () => {
    expect(faultsOf(backendSchema, { name: '-web' })).toEqual([
      {
        pointer: '/name',
        code: 'invalid_value',
        detail: '"-web" is not a name',
        fix: 'use 1 to 63 letters, digits, dots, underscores and hyphens, beginning with a letter or digit',
      },
    ]);
  });

  it('tells missing from wrong in type and wrong in value', () => {
    expect(codesOf(backendSchema, {})).toEqual(['required /name']);
    expect(codesOf(backendSchema, { name: 5 })).toEqual(['wrong_type /name']);
    expect(codesOf(backendSchema, { name: null })).toEqual(['wrong_type /name']);
    expect(codesOf(backendSchema, { name: '' })).toEqual(['invalid_value /name']);
    expect(codesOf(backendSchema, { ...web, servers: {} })).toEqual(['wrong_type /servers']);
    expect(codesOf(backendSchema, { ...web, via: 'yes' })).toEqual(['wrong_type /via']);
    expect(codesOf(backendSchema, { ...web, balance: { algorithm: 1 } })).toEqual(['wrong_type /balance/algorithm']);
    expect(codesOf(backendSchema, { ...web, balance: { algorithm: 'best' } })).toEqual([
      'invalid_value /balance/algorithm',
    ]);
    expect(faultsOf(backendSchema, {})[0]).toMatchObject({ detail: '"name" is missing' });
  });

  it.each([null, [], 'web', 5, true])('refuses %j where an object is wanted, and lists its fields', (input) => {
    expect(faultsOf(backendSchema, input)).toEqual([
      expect.objectContaining({
        pointer: '',
        code: 'wrong_type',
        fix: expect.stringContaining('name, servers') as string,
      }),
    ]);
  });

  it('reports one fault for a value that fails several checks', () => {
    const servers = [
      { address: 'x'.repeat(100), port: 1.5, weight: 1e9 },
      { address: '10.0.0.1', port: 1e300 },
    ];
    expect(codesOf(backendSchema, { ...web, servers })).toEqual([
      'invalid_value /servers/0/address',
      'invalid_value /servers/0/port',
      'invalid_value /servers/0/weight',
      'invalid_value /servers/1/port',
    ]);
  });

  it.each([
    ['port', 0],
    ['port', 70_000],
    ['port', -1],
    ['port', NaN],
    ['weight', 0],
    ['weight', 1e9],
    ['weight', Infinity],
    ['address', '0x7f.1'],
    ['address', '010.0.0.1'],
    ['address', 'web.internal.'],
  ])('refuses the %s %s as a value', (field, value) => {
    const server = { address: '10.0.0.1', port: 80, [field]: value };
    expect(codesOf(backendSchema, { ...web, servers: [server] })).toEqual([`invalid_value /servers/0/${field}`]);
  });

  it.each(['-1s', '1 fortnight', '5'])('refuses the duration %s, and shows how to write one', (interval) => {
    const [fault, ...more] = faultsOf(backendSchema, { ...web, healthCheck: { type: 'tcp', interval } });
    expect(more).toEqual([]);
    expect(fault).toMatchObject({ pointer: '/healthCheck/interval', code: 'invalid_value' });
    expect(fault?.detail).toBe(`"${interval}" is not a duration from 100ms to 1h`);
    expect(fault?.fix).toContain('"1500ms"');
  });

  it('shows control characters as escapes and long values shortened', () => {
    const [control] = faultsOf(backendSchema, { name: 'web\u0000\u001b[31m\n' });
    expect(control?.detail).toBe('"web\\u0000\\u001b[31m\\u000a" is not a name');
    const [long] = faultsOf(backendSchema, { name: 'w'.repeat(1_000_000) });
    expect(long?.detail.length).toBeLessThan(100);
  });

  describe('unknown fields', () => {
    it('are one fault each, with the nearest known spelling', () => {
      const input = { nmae: 'web', health_check: {}, servers: [{ adress: 'x', port: 80, colour: 'red' }] };
      expect(faultsOf(backendSchema, input).map(({ code, pointer, fix }) => [code, pointer, fix.slice(0, 40)])).toEqual(
        [
          ['required', '/name', 'use 1 to 63 letters, digits, dots, under'],
          ['required', '/servers/0/address', 'write IPv4 as four decimal numbers (10.0'],
          ['unknown_field', '/servers/0/adress', 'did you mean "address"?'],
          ['unknown_field', '/servers/0/colour', 'remove it; known here are address, port,'],
          ['unknown_field', '/nmae', 'did you mean "name"?'],
          ['unknown_field', '/health_check', 'did you mean "healthCheck"?'],
        ],
      );
    });

    it('that a later release brings are not called unknown', () => {
      const outline = { backends: [], hosts: [] };
      for (const key of ['listeners', 'secrets']) {
        expect(codesOf(configurationOutlineSchema, { ...outline, [key]: [] })).toEqual([`not_supported /${key}`]);
      }
    });

    it('that come later elsewhere are unknown here', () => {
      expect(codesOf(backendSchema, { ...web, method: 'GET', state: 'draining' })).toEqual([
        'unknown_field /method',
        'unknown_field /state',
      ]);
    });

    it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('include %s', (key) => {
      const backend = JSON.parse(`{"name": "web", "${key}": {"via": true}}`) as unknown;
      expect(codesOf(backendSchema, backend)).toEqual([`unknown_field /${key}`]);
      const server = JSON.parse(`{"address": "10.0.0.1", "port": 80, "${key}": 1}`) as unknown;
      expect(codesOf(backendSchema, { ...web, servers: [server] })).toEqual([`unknown_field /servers/0/${key}`]);
    });

    it('have pointers that are safe to print', () => {
      const [fault] = faultsOf(backendSchema, { ...web, [`\u001b/${'x'.repeat(500)}`]: 1 });
      expect(fault?.pointer).toMatch(/^\/\\u001b~1x{1,60}…$/);
      expect(fault?.detail.length).toBeLessThan(100);
    });
  });

  describe('unions', () => {
    const pathFaults = (path: unknown) =>
      codesOf(hostSchema, { host: 'a', routes: [{ match: { path }, backend: 'web' }] }).map((fault) =>
        fault.replace('/routes/0/match/path', '…'),
      );

    it('report what is wrong inside the path match that was meant', () => {
      expect(pathFaults({ prefix: 'api' })).toEqual(['invalid_value …/prefix']);
      expect(pathFaults({ exact: 5 })).toEqual(['wrong_type …/exact']);
      expect(pathFaults({ prefx: '/api' })).toEqual(['unknown_field …/prefx']);
      expect(pathFaults({ prefix: '/api', exact: '/api' })).toEqual(['invalid_value …']);
      expect(pathFaults({})).toEqual(['invalid_value …']);
      expect(pathFaults('/api')).toEqual(['wrong_type …']);
      expect(pathFaults(['/api'])).toEqual(['wrong_type …']);
    });

    it('show how a path match is written', () => {
      const [fault] = faultsOf(hostSchema, { host: 'a', routes: [{ match: { path: '/api' }, backend: 'web' }] });
      expect(fault).toMatchObject({
        detail: '"/api" is not a path match',
        fix: 'write {"exact": "/path"} or {"prefix": "/path"}',
      });
    });

    it('report the type of a health check, and the fields of the type that was meant', () => {
      const codes = (healthCheck: unknown) => codesOf(backendSchema, { ...web, healthCheck });
      expect(codes({})).toEqual(['required /healthCheck/type']);
      expect(codes({ type: 'udp', fall: 0 })).toEqual(['invalid_value /healthCheck/type']);
      expect(codes('tcp')).toEqual(['wrong_type /healthCheck']);
      expect(codes([])).toEqual(['wrong_type /healthCheck']);
      expect(codes({ type: 'tcp', path: '/x' })).toEqual(['unknown_field /healthCheck/path']);
      expect(codes({ type: 'http', paht: '/x', concurrency: '10' })).toEqual([
        'wrong_type /healthCheck/concurrency',
        'unknown_field /healthCheck/paht',
      ]);
      const [fault] = faultsOf(backendSchema, { ...web, healthCheck: { type: 'http', paht: '/x' } });
      expect(fault?.fix).toBe('did you mean "path"?');
      const [other] = faultsOf(backendSchema, { ...web, healthCheck: { type: 'tcp', paht: '/x' } });
      expect(other?.fix).toBe(
        'remove it; known here are type, interval, timeout, fall, rise, jitterPercent, downInterval, concurrency',
      );
    });
  });

  it('puts the place of the input before its pointers', () => {
    const result = checkSchema(backendSchema, { name: 'web', via: 1 }, ['backends', 3]);
    expect(result.ok ? [] : [...result.faults].map(({ pointer }) => pointer)).toEqual(['/backends/3/via']);
  });

  it('refuses a list that is too long without a look at its items', () => {
    const servers = new Array<unknown>(1_000_000).fill(0);
    expect(faultsOf(backendSchema, { ...web, servers })).toEqual([
      expect.objectContaining({ pointer: '/servers', detail: 'the list has more than 10,000 servers' }),
    ]);
    const validStatuses = new Array<unknown>(1_000_000).fill(0);
    expect(codesOf(backendSchema, { ...web, healthCheck: { type: 'http', validStatuses } })).toEqual([
      'invalid_value /healthCheck/validStatuses',
    ]);
  });

  it('says something of a schema without words of its own', () => {
    expect(faultsOf(z.strictObject({ a: z.number() }), { a: 'x' })).toEqual([
      expect.objectContaining({ pointer: '/a', code: 'wrong_type', detail: '"x" is not valid here' }),
    ]);
  });
});
