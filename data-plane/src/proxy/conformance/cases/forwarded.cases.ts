import type { ConformanceCase } from '../conformance-case.ts';
import { answering } from '../origin-scripts.ts';
import { refusedHead } from '../refusal.ts';
import { relay } from '../relay.ts';
import type { ServeOptions } from '../stage.ts';
import { valuesOf, type WireRequest } from '../wire-message.ts';
import { requestText } from '../wire-text.ts';

const trusting: ServeOptions = { trustedProxies: ['127.0.0.1'] };
const NAMES = ['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Real-IP'];

/** One value for each of NAMES; lines of one field are one list. */
const told = (request: WireRequest): readonly string[] => NAMES.map((name) => valuesOf(request, name).join(', '));

interface Told {
  readonly id: string;
  readonly title: string;
  readonly fields: readonly string[];
  readonly options?: ServeOptions;
  /** For, Proto, Host, Real-IP. */
  readonly expected: readonly string[];
}

const tells = ({ id, title, fields, options, expected }: Told): ConformanceCase => ({
  id: `forwarded/${id}`,
  title,
  async run(stage) {
    const { seen } = await relay(await stage.serve(answering(), options), requestText({ host: 'a.test:81', fields }));
    expect(told(seen)).toEqual(expected);
  },
});

const own = ['127.0.0.1', 'http', 'a.test:81', '127.0.0.1'];

export const forwardedCases: readonly ConformanceCase[] = [
  tells({ id: 'set', title: 'tells the server address, protocol and host of the client', fields: [], expected: own }),
  tells({
    id: 'untrusted',
    title: "drops a client's own fields",
    fields: [
      'X-Forwarded-For: 1.2.3.4',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: evil.test',
      'X-Real-IP: 1.2.3.4',
    ],
    expected: own,
  }),
  tells({
    id: 'untrusted-spelling',
    title: "drops a client's own fields in any case and number",
    fields: ['x-forwarded-for: 1.2.3.4', 'X-FORWARDED-FOR: 5.6.7.8', 'x-forwarded-PROTO: https', 'x-real-ip: 1.2.3.4'],
    expected: own,
  }),
  tells({
    id: 'untrusted-and-named',
    title: "drops a client's own fields that Connection names, and sets its own",
    fields: ['Connection: X-Forwarded-For, X-Real-IP', 'X-Forwarded-For: 1.2.3.4', 'X-Real-IP: 1.2.3.4'],
    expected: own,
  }),
  tells({
    id: 'trusted',
    title: 'keeps the fields of a trusted proxy and adds its address to the list',
    options: trusting,
    fields: ['X-Forwarded-For: 203.0.113.9', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: shop.test'],
    expected: ['203.0.113.9, 127.0.0.1', 'https', 'shop.test', '203.0.113.9'],
  }),
  tells({
    id: 'trusted-silent',
    title: 'sets all fields when a trusted proxy sends none',
    options: trusting,
    fields: [],
    expected: own,
  }),
  tells({
    id: 'trusted-list',
    title: 'takes the last address that is not trusted for the client, whatever stands before it',
    options: trusting,
    fields: ['X-Forwarded-For: 6.6.6.6, 203.0.113.9', 'X-Forwarded-For: 127.0.0.1'],
    expected: ['6.6.6.6, 203.0.113.9, 127.0.0.1, 127.0.0.1', 'http', 'a.test:81', '203.0.113.9'],
  }),
  tells({
    id: 'trusted-elsewhere',
    title: 'trusts nobody but the proxies that it is told',
    options: { trustedProxies: ['10.0.0.1', 'fd00::1'] },
    fields: ['X-Forwarded-For: 203.0.113.9', 'X-Forwarded-Proto: https'],
    expected: own,
  }),
  {
    id: 'forwarded/trusted-garbage',
    title: 'never passes on as address of the client what is no address',
    async run(stage) {
      const fields = ['X-Forwarded-For: 203.0.113.9, <script>'];
      const { seen } = await relay(await stage.serve(answering(), trusting), requestText({ fields }));
      expect(valuesOf(seen, 'x-real-ip')).toHaveLength(1);
      expect(valuesOf(seen, 'x-real-ip')[0]).toMatch(/^[0-9a-f.:]+$/);
    },
  },
  ...['X_Forwarded_For', 'X-Forwarded_For', 'X_Forwarded_Proto', 'X_Forwarded_Host', 'X_Real_IP', 'x_real-ip'].map(
    (alias): ConformanceCase => ({
      id: `forwarded/alias-${alias.toLowerCase()}`,
      title: `drops ${alias}, which servers take for the true field`,
      async run(stage) {
        for (const options of [{}, trusting]) {
          const scene = await stage.serve(answering(), options);
          const { seen } = await relay(scene, requestText({ fields: [`${alias}: 6.6.6.6`] }));
          expect(valuesOf(seen, alias)).toEqual([]);
          expect(told(seen).join()).not.toContain('6.6.6.6');
        }
      },
    }),
  ),
  ...['Forwarded: for=6.6.6.6;host=evil.test', 'X-Forwarded-Port: 6666', 'X-Forwarded-Server: evil.test'].map(
    (line): ConformanceCase => {
      const name = line.slice(0, line.indexOf(':'));
      return {
        id: `forwarded/untrusted-${name.toLowerCase()}`,
        title: `drops a client's own ${name}`,
        async run(stage) {
          const { seen } = await relay(await stage.serve(answering()), requestText({ fields: [line] }));
          expect(valuesOf(seen, name)).toEqual([]);
        },
      };
    },
  ),
  ...['\r', '\n', '\0', '\x0b'].map((character) =>
    refusedHead({
      id: `forwarded/injection-${character.charCodeAt(0)}`,
      what: `character ${character.charCodeAt(0)} in X-Forwarded-For`,
      send: requestText({ fields: [`X-Forwarded-For: 1.2.3.4${character}X-Admin: 1`] }),
    }),
  ),
  {
    id: 'forwarded/absolute-form',
    title: 'tells the host of an absolute form, not that of Host',
    async run(stage) {
      const scene = await stage.serve(answering());
      const { seen } = await relay(scene, requestText({ target: 'http://a.test/', host: 'evil.test' }));
      expect(valuesOf(seen, 'x-forwarded-host')).toEqual(['a.test']);
    },
  },
];
