import { canonicalJson } from '../store/canonical-json.ts';
import { configurationDocument } from './documents.ts';
import { configuration, stateOf } from './intent-fixture.cases.ts';
import { loadIntent } from './load-intent.ts';

const input = {
  backends: [
    {
      name: 'b',
      servers: [
        { address: '10.0.0.9', port: 80 },
        { weight: 2, port: 80, address: '10.0.0.10' },
      ],
    },
    { name: 'a', healthCheck: { type: 'http', path: '/', fall: 3 }, balance: { algorithm: 'round_robin' } },
  ],
  hosts: [
    { host: 'z.example', backend: 'a' },
    { host: '*', routes: [{ backend: 'b', match: { path: { prefix: '/' } } }] },
  ],
};

describe('configurationDocument', () => {
  it('says what was written, sorted', () => {
    const document = configurationDocument(stateOf(input));
    expect(document).toEqual(configuration(input));
    expect(document.backends.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(document.backends[1]?.servers?.map(({ address }) => address)).toEqual(['10.0.0.10', '10.0.0.9']);
    expect(document.hosts.map(({ host }) => host)).toEqual(['*', 'z.example']);
  });

  it('has the same bytes whether it comes from a request or from the store', () => {
    const state = stateOf(input);
    const object = (kind: 'backend' | 'server' | 'host', name: string, document: unknown) => ({
      kind,
      name,
      document: JSON.parse(canonicalJson(document)) as unknown,
      revision: 1,
    });
    const objects = [
      ...[...state.backends.entries()].flatMap(([name, entry]) => [
        object('backend', name, entry.document),
        ...[...entry.servers].map(([endpoint, server]) => object('server', `${name}/${endpoint}`, server.document)),
      ]),
      ...[...state.hosts.entries()].map(([name, host]) => object('host', name, host.document)),
    ];
    const loaded = loadIntent({ epoch: state.epoch, revision: 1, version: 2, objects });
    expect(JSON.stringify(configurationDocument(loaded))).toBe(JSON.stringify(configurationDocument(state)));
  });

  it('begins each object with its name', () => {
    const [a] = configurationDocument(stateOf(input)).backends;
    expect(Object.keys(a ?? {})).toEqual(['name', 'servers', 'balance', 'healthCheck']);
  });
});
