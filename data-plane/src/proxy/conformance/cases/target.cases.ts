import type { ConformanceCase } from '../conformance-case.ts';
import { answering } from '../origin-scripts.ts';
import { relay } from '../relay.ts';
import { requestText } from '../wire-text.ts';

const intact = (id: string, title: string, target: string): ConformanceCase => ({
  id: `target/${id}`,
  title: `forwards ${title} byte for byte`,
  async run(stage) {
    const { seen } = await relay(await stage.serve(answering()), requestText({ target }));
    expect(seen.target).toBe(target);
  },
});

/** What is matched is what is forwarded: nothing is decoded, joined or tidied. */
export const targetCases: readonly ConformanceCase[] = [
  intact('percent', 'percent-encoding in either case', '/%7euser/%7Euser/%2f%2F/%25'),
  intact('encoded-nul', 'encoded control characters', '/a%00b%0d%0aX-A:1'),
  intact('double-slash', 'double slashes', '//a///b/'),
  intact('parameters', 'path parameters', '/a;v=1/b;c'),
  intact('sub-delimiters', 'every character that a path may hold', "/-._~!$&'()*+,;=:@"),
  intact('query', 'a query with everything in it', '/?a=1&a=2&b=%20+&c[]=/?:@&=&&d'),
  intact('empty-query', 'an empty query', '/a?'),
  intact('query-with-url', 'an URL inside a query', '/go?to=http://b.test/x//y?z=%2e%2e/../'),
  intact('colon', 'a path that looks like a scheme', '/http://b.test/'),
  intact('lenient-characters', 'characters that browsers do not encode', '/a|b"c<d>e^f`g{h}?i|j{k}'),
  intact('long', 'a path of 7,000 characters', `/${'p'.repeat(7_000)}`),
  {
    id: 'target/dot-segments',
    title: 'forwards dot segments byte for byte, or refuses them',
    async run(stage) {
      for (const target of ['/a/../b', '/a/./b', '/a/%2e%2e/b', '/..']) {
        const { client, origin } = await stage.serve(answering());
        const answer = await client.ask(requestText({ target }));
        if (answer.status !== 400) expect(origin.requests.map((request) => request.target)).toEqual([target]);
      }
    },
  },
  {
    id: 'target/routes',
    title: 'matches the path as sent: exact before longest prefix, by whole elements, query apart',
    async run(stage) {
      const routes = [
        { match: { path: { prefix: '/api' } }, backend: 'web' },
        { match: { path: { exact: '/only' } }, backend: 'web' },
      ];
      const { client } = await stage.serve(answering(), { hosts: [{ host: 'a.test', routes }] });
      const statuses: Record<string, number> = {};
      for (const target of ['/api', '/api/x', '/api?x', '/apis', '/%61pi', '/only', '/only?x', '/only/']) {
        statuses[target] = (await client.ask(requestText({ target }))).status;
      }
      expect(statuses).toEqual({
        '/api': 200,
        '/api/x': 200,
        '/api?x': 200,
        '/apis': 404,
        '/%61pi': 404,
        '/only': 200,
        '/only?x': 200,
        '/only/': 404,
      });
    },
  },
];
