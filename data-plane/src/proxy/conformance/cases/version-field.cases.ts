import type { ConformanceCase } from '../conformance-case.ts';
import { answering } from '../origin-scripts.ts';
import { valueOf, valuesOf } from '../wire-message.ts';
import { answerText, requestText } from '../wire-text.ts';

const claiming = answering(answerText({ fields: ['Headgate-Version: 999'] }));

export const versionFieldCases: readonly ConformanceCase[] = [
  {
    id: 'version-field/forwarded',
    title: 'says which version a forwarded request was served by, in place of what the server says',
    async run(stage) {
      const { client } = await stage.serve(claiming, { showVersion: true });
      expect(valuesOf(await client.ask(requestText()), 'headgate-version')).toEqual(['1']);
    },
  },
  {
    id: 'version-field/own-answers',
    title: 'says it on its own answers, also to what is no request',
    async run(stage) {
      const { client, forwarder } = await stage.serve(answering(), { showVersion: true });
      expect(valueOf(await client.ask(requestText({ host: 'other.test' })), 'headgate-version')).toBe('1');
      const other = await stage.client(forwarder);
      expect(valueOf(await other.ask('no request\r\n\r\n'), 'headgate-version')).toBe('1');
      const refused = await stage.client(await stage.forward([await stage.refusingPort()], { showVersion: true }));
      expect(valueOf(await refused.ask(requestText()), 'headgate-version')).toBe('1');
    },
  },
  {
    id: 'version-field/off',
    title: 'says nothing of it unless it is told to, and lets the word of the server pass',
    async run(stage) {
      const { client } = await stage.serve(claiming);
      expect(valuesOf(await client.ask(requestText()), 'headgate-version')).toEqual(['999']);
      expect(valueOf(await client.ask(requestText({ host: 'other.test' })), 'headgate-version')).toBeUndefined();
    },
  },
  {
    id: 'version-field/requests',
    title: 'passes a field of that name of a request on',
    async run(stage) {
      const seen: (string | undefined)[] = [];
      const origin = answering((request) => {
        seen.push(valueOf(request, 'headgate-version'));
        return answerText();
      });
      const { client } = await stage.serve(origin, { showVersion: true });
      await client.ask(requestText({ fields: ['Headgate-Version: 7'] }));
      expect(seen).toEqual(['7']);
    },
  },
];
