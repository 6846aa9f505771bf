import { tokenScope } from '../../access/token-scope.ts';
import { failureOf } from '../../intent/intent-fixture.cases.ts';
import { assertKeptSources } from './kept-sources.ts';

const actor = (...scopes: readonly string[]) => ({ name: 'deploy', scopes: scopes.map(tokenScope) });
const own = actor('read', 'write:backends/web');
const consul = { name: 'web', sources: [{ type: 'consul', service: 'web', token: { secret: 'consul' } }] };
const other = { name: 'web', sources: [{ type: 'consul', service: 'web', token: { secret: 'another' } }] };
const none = { name: 'web' };

describe('the sources of a backend, for tokens that may write it alone,', () => {
  it.each([
    ['are not given to a new one', undefined, consul],
    ['are not added', none, consul],
    ['are not changed', consul, other],
    ['are not taken away', consul, none],
  ])('%s', (_, before, after) => {
    const failure = failureOf(() => assertKeptSources(own, { before, after }));
    expect(failure).toMatchObject({ code: 'HEADGATE_FORBIDDEN' });
    expect(failure.message).toMatch(/sources of the backend web .* scope write.*deploy has read, write:backends\/web/);
    for (const wide of [actor('write'), actor('admin')]) {
      expect(() => assertKeptSources(wide, { before, after })).not.toThrow();
    }
  });

  it.each([
    ['may be sent as they are, in any order of their members', { ...consul }, structuredClone(consul)],
    ['may be absent where there are none', none, { ...none, registration: { ttl: '30s' } }],
    ['may be absent of a new one', undefined, none],
  ])('%s', (_, before, after) => {
    expect(() => assertKeptSources(own, { before, after })).not.toThrow();
  });
});
