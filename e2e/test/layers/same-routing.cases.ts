import { firstServers, type ArticleSystem } from './article-system.ts';

/**
 * What article 001's document does must not depend on the way that it comes: once the layer has it, the data plane routes as
 * it does when operators write the same by the API.
 */
export function itRoutesAsByTheApi(
  stage: () => ArticleSystem,
  { empty }: { readonly empty: (document: string) => Promise<void> },
): void {
  it('routes as the same document does that is written by the API', async () => {
    const { system } = stage();
    await stage().becomes(firstServers);
    expect(await stage().answers('www.test1.com', 11)).toEqual({ first: 11 });
    expect(await stage().answers('www.test2.com', 110)).toEqual({ first: 100, second: 10 });
    expect(await stage().answers('www.test3.com', 1)).toEqual({ 404: 1 });
    const routing = await stage().routing();

    const document = JSON.parse(stage().document(firstServers)) as unknown;
    const clash = await system.api.request('PUT', '/api/v1/config', document);
    expect([clash.status, clash.body]).toMatchObject([422, { errors: [{ code: 'name_taken' }, {}, {}, {}] }]);

    await empty('{"backends":[],"hosts":[]}');
    await stage().becomes({ backend1: [], backend2: {} });
    const { version } = await system.api.write('PUT', '/api/v1/config', document);
    await system.api.converge(version);
    expect(await stage().routing()).toEqual(routing);
    await system.api.write('PUT', '/api/v1/config', { backends: [], hosts: [] });
    await stage().becomes({ backend1: [], backend2: {} });
  });
}
