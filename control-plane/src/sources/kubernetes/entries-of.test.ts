import { readEndpointSlice, type EndpointSlice } from './endpoint-slice.ts';
import { entriesOf } from './entries-of.ts';

interface Parts {
  readonly endpoints?: readonly object[] | null;
  readonly ports?: readonly object[] | null;
  readonly addressType?: string;
}

let slices = 0;

function slice({ endpoints = [at('10.0.0.1')], ports = [http], addressType = 'IPv4' }: Parts = {}): EndpointSlice {
  const metadata = { name: `web-${++slices}`, resourceVersion: '7', labels: {} };
  const read = readEndpointSlice({ metadata, addressType, endpoints, ports });
  if (read === undefined) throw new Error('it is no slice');
  return read;
}

function at(address: string, rest: object = {}): object {
  return { addresses: [address], ...rest };
}

const http = { name: 'http', port: 8080, protocol: 'TCP' };
const metrics = { name: 'metrics', port: 9090, protocol: 'TCP' };

/** `state address:port` of each entry. */
function shown(parts: readonly EndpointSlice[], port?: string | number): readonly string[] {
  return entriesOf(parts, { service: 'web', port }).map((entry) => {
    const server = entry.server as { address: string; port: number };
    return `${entry.state} ${server.address} ${server.port}`;
  });
}

describe('an endpoint', () => {
  it.each<[object | null | undefined, string | undefined]>([
    [undefined, 'active'],
    [null, 'active'],
    [{}, 'active'],
    [{ ready: null }, 'active'],
    [{ ready: true }, 'active'],
    [{ ready: true, serving: true, terminating: true }, 'active'],
    [{ ready: false, serving: true, terminating: true }, 'draining'],
    [{ ready: false, serving: true, terminating: false }, undefined],
    [{ ready: false, serving: true }, undefined],
    [{ ready: false, serving: false, terminating: true }, undefined],
    [{ ready: false, terminating: true }, undefined],
    [{ ready: false }, undefined],
  ])('with the conditions %j is %s', (conditions, state) => {
    const expected = state === undefined ? [] : [`${state} 10.0.0.1 8080`];
    expect(shown([slice({ endpoints: [at('10.0.0.1', { conditions })] })])).toEqual(expected);
  });

  it('keeps its zone, and is called by its pod, else by its node, else by its address', () => {
    const endpoints = [
      at('10.0.0.1', { zone: 'north', nodeName: 'node-1', targetRef: { kind: 'Pod', name: 'web-0' } }),
      at('10.0.0.2', { zone: '', nodeName: 'node-2', targetRef: null }),
      at('10.0.0.3', { zone: null, nodeName: null }),
    ];
    expect(entriesOf([slice({ endpoints })], { service: 'web', port: undefined })).toEqual([
      { name: 'web-0', server: { address: '10.0.0.1', port: 8080, zone: 'north' }, state: 'active' },
      { name: 'node-2', server: { address: '10.0.0.2', port: 8080 }, state: 'active' },
      { name: '10.0.0.3', server: { address: '10.0.0.3', port: 8080 }, state: 'active' },
    ]);
  });

  it('is one server, at its first address', () => {
    expect(shown([slice({ endpoints: [{ addresses: ['10.0.0.1', '10.0.0.2'] }] })])).toEqual(['active 10.0.0.1 8080']);
  });

  it('is there over IPv4 and IPv6, and not by a name', () => {
    const six = slice({ addressType: 'IPv6', endpoints: [at('fd00::1')] });
    const names = slice({ addressType: 'FQDN', endpoints: [at('web.example.com')] });
    expect(shown([slice(), six, names])).toEqual(['active 10.0.0.1 8080', 'active fd00::1 8080']);
  });

  it('that two slices have is one server, active if one of them says so', () => {
    const ends = { conditions: { ready: false, serving: true, terminating: true } };
    const draining = slice({ endpoints: [at('10.0.0.1', ends)] });
    expect(shown([slice(), draining])).toEqual(['active 10.0.0.1 8080']);
    expect(shown([draining, slice()])).toEqual(['active 10.0.0.1 8080']);
    expect(shown([draining, draining])).toEqual(['draining 10.0.0.1 8080']);
    const spelled = [
      slice({ addressType: 'IPv6', endpoints: [at('FD00::0:1')] }),
      slice({ addressType: 'IPv6', endpoints: [at('fd00::1')] }),
    ];
    expect(shown(spelled)).toHaveLength(1);
  });
});

describe('the port', () => {
  it('is the only one, whether it has a name or not', () => {
    expect(shown([slice({ ports: [{ port: 80 }] })])).toEqual(['active 10.0.0.1 80']);
    expect(shown([slice({ ports: [{ name: '', port: 80, protocol: null }] })])).toEqual(['active 10.0.0.1 80']);
  });

  it('may have another number for other pods', () => {
    const older = slice({ endpoints: [at('10.0.0.2')], ports: [{ ...http, port: 8000 }] });
    expect(shown([slice(), older])).toEqual(['active 10.0.0.1 8080', 'active 10.0.0.2 8000']);
  });

  it.each([undefined, 'http', 8080])('is TCP (%s)', (port) => {
    expect(
      shown([slice({ ports: [http, { ...http, protocol: 'UDP' }, { ...metrics, protocol: 'SCTP' }] })], port),
    ).toEqual(['active 10.0.0.1 8080']);
  });

  it('of several is chosen by name or by number', () => {
    expect(shown([slice({ ports: [http, metrics] })], 'metrics')).toEqual(['active 10.0.0.1 9090']);
    expect(shown([slice({ ports: [http, metrics] })], 8080)).toEqual(['active 10.0.0.1 8080']);
    expect(shown([slice({ ports: [http, { ...http, name: 'alias' }] })], 8080)).toEqual(['active 10.0.0.1 8080']);
  });

  it('leaves out the slices that lack it', () => {
    expect(shown([slice(), slice({ endpoints: [at('10.0.0.2')], ports: [metrics] })], 'http')).toEqual([
      'active 10.0.0.1 8080',
    ]);
  });

  it('has to be named when there are several, also in different slices', () => {
    const reason = 'the Service web has several ports: say by "port" which one is meant';
    expect(() => shown([slice({ ports: [http, metrics] })])).toThrow(reason);
    expect(() => shown([slice(), slice({ ports: [metrics] })])).toThrow(reason);
  });

  it('has to be there', () => {
    expect(() => shown([slice()], 'admin')).toThrow('the Service web has no TCP port admin');
    expect(() => shown([slice()], 80)).toThrow('the Service web has no TCP port 80');
    expect(() => shown([slice({ ports: [] })])).toThrow('the Service web has no TCP port');
    expect(() => shown([slice({ ports: [{ name: 'all', port: null }] })])).toThrow('the Service web has no TCP port');
  });

  it('does not matter where nobody is', () => {
    const empty = { ports: [http, metrics] };
    expect(shown([slice({ ...empty, endpoints: null }), slice({ ...empty, endpoints: [] })])).toEqual([]);
    expect(shown([slice({ endpoints: [], ports: null })], 'http')).toEqual([]);
    expect(shown([])).toEqual([]);
  });
});

describe('a value', () => {
  const metadata = { name: 'web', resourceVersion: '7' };

  it.each([
    null,
    'web',
    {},
    { metadata: { name: 'web' }, addressType: 'IPv4' },
    { metadata, endpoints: [] },
    { metadata, addressType: 'IPv4', endpoints: {} },
    { metadata, addressType: 'IPv4', endpoints: [{}] },
    { metadata, addressType: 'IPv4', endpoints: [{ addresses: [] }] },
    { metadata, addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: 'yes' } }] },
    { metadata, addressType: 'IPv4', ports: [{ port: '80' }] },
  ])('is no slice when it is %j', (value) => {
    expect(readEndpointSlice(value)).toBeUndefined();
  });
});
