import { configurationDocument } from './documents.ts';
import { applied, configuration, emptyState, failureOf, stateOf } from './intent-fixture.cases.ts';
import { planPutConfiguration } from './plan-put-configuration.ts';

const whole = {
  backends: [
    {
      name: 'web',
      via: false,
      servers: [
        { address: '10.0.0.1', port: 80 },
        { address: '10.0.0.2', port: 80 },
      ],
    },
    { name: 'old', servers: [{ address: '10.0.0.9', port: 80 }] },
  ],
  hosts: [
    { host: 'a.example', backend: 'web' },
    { host: 'old.example', backend: 'old' },
  ],
};
const state = stateOf(whole);

describe('planPutConfiguration', () => {
  it('names every object that differs, and no other', () => {
    const next = configuration({
      backends: [
        {
          name: 'web',
          via: false,
          servers: [
            { address: '10.0.0.1', port: 80 },
            { address: '10.0.0.2', port: 80, weight: 2 },
          ],
        },
        { name: 'new' },
      ],
      hosts: [
        { host: 'a.example', backend: 'web' },
        { host: 'new.example', backend: 'new' },
      ],
    });
    const { objects } = planPutConfiguration(state, next);
    const named = objects.map(({ kind, name, before, after }) => [
      kind,
      name,
      before !== undefined,
      after !== undefined,
    ]);
    expect(named.sort()).toEqual([
      ['backend', 'new', false, true],
      ['backend', 'old', true, false],
      ['backend', 'web', true, true],
      ['host', 'new.example', false, true],
      ['host', 'old.example', true, false],
      ['server', 'old/10.0.0.9:80', true, false],
      ['server', 'web/10.0.0.2:80', true, true],
    ]);
    expect(configurationDocument(applied(state, { objects }))).toEqual(next);
  });

  it('changes nothing when the content is equal, in whatever order it is written', () => {
    const [web, old] = whole.backends;
    const reordered = {
      hosts: [...whole.hosts].reverse(),
      backends: [old, { servers: [...web!.servers].reverse(), via: false, name: 'web' }],
    };
    expect(planPutConfiguration(state, configuration(reordered))).toEqual({ objects: [] });
  });

  it('removes everything by explicit empty lists', () => {
    const after = applied(state, planPutConfiguration(state, configuration({ backends: [], hosts: [] })));
    expect([after.backends.size, after.hosts.size, after.revision]).toEqual([0, 0, 2]);
  });

  it('keeps to the preconditions, which look at the revision of the whole', () => {
    const document = configuration(whole);
    expect(failureOf(() => planPutConfiguration(state, document, { ifMatch: [0] })).code).toBe('HEADGATE_STALE');
    expect(failureOf(() => planPutConfiguration(state, document, { ifNoneMatch: '*' })).code).toBe('HEADGATE_STALE');
    expect(planPutConfiguration(state, document, { ifMatch: [1] })).toEqual({ objects: [] });
    expect(planPutConfiguration(emptyState, document, { ifMatch: [0] }).objects).toHaveLength(7);
  });
});
