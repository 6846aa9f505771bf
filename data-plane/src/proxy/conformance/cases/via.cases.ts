import type { ConformanceCase } from '../conformance-case.ts';
import { answering } from '../origin-scripts.ts';
import { relay } from '../relay.ts';
import { valuesOf, type WireHead } from '../wire-message.ts';
import { answerText, requestText } from '../wire-text.ts';

/** Members of Via in order: received protocol and who received it. */
const vias = (message: WireHead): readonly string[] =>
  valuesOf(message, 'via').flatMap((value) => value.split(',').map((member) => member.trim()));
const OWN = /^1\.1 [!-~]+$/;

/** RFC 9110, 7.6.3. */
export const viaCases: readonly ConformanceCase[] = [
  {
    id: 'via/added',
    title: 'adds itself to requests and answers',
    async run(stage) {
      const { seen, answer } = await relay(await stage.serve(answering()), requestText());
      expect(vias(seen)).toEqual([expect.stringMatching(OWN)]);
      expect(vias(answer)).toEqual([expect.stringMatching(OWN)]);
    },
  },
  {
    id: 'via/appended',
    title: 'puts itself after those that came before, both ways',
    async run(stage) {
      const fields = ['Via: 1.0 fred', 'via: 1.1 p.example.net (Apache/1.1)'];
      const scene = await stage.serve(answering(answerText({ fields })));
      const { seen, answer } = await relay(scene, requestText({ fields }));
      const expected = ['1.0 fred', '1.1 p.example.net (Apache/1.1)', expect.stringMatching(OWN)];
      expect([vias(seen), vias(answer)]).toEqual([expected, expected]);
    },
  },
  {
    id: 'via/http10-client',
    title: 'names the version that the client spoke',
    async run(stage) {
      const { seen } = await relay(await stage.serve(answering()), requestText({ version: '1.0' }));
      expect(vias(seen)).toEqual([expect.stringMatching(/^1\.0 /)]);
    },
  },
  {
    id: 'via/off',
    title: 'adds nothing where the backend says so, and keeps what came',
    async run(stage) {
      const fields = ['Via: 1.0 fred'];
      const scene = await stage.serve(answering(answerText({ fields })), { backend: { via: false } });
      const { seen, answer } = await relay(scene, requestText({ fields }));
      expect([vias(seen), vias(answer)]).toEqual([['1.0 fred'], ['1.0 fred']]);
      const bare = await relay(await stage.serve(answering(), { backend: { via: false } }), requestText());
      expect([...vias(bare.seen), ...vias(bare.answer)]).toEqual([]);
    },
  },
];
