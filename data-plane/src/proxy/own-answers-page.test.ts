import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownAnswer, ownReasons } from './own-answer.ts';

const page = join(import.meta.dirname, '..', '..', '..', 'docs', 'reference', 'data-plane-answers.md');

describe('the answers of the data plane', () => {
  it('are on their page, every one with its status and whether it closes, and no other', () => {
    const rows = readFileSync(page, 'utf8').match(/^\| `[a-z_]+` \| \d+ \| \w+ \|/gm) ?? [];
    const ours = ownReasons.map((reason) => {
      const { status, close } = ownAnswer(reason);
      return `| \`${reason}\` | ${status} | ${close ? 'yes' : 'no'} |`;
    });
    expect([...rows].sort()).toEqual([...ours].sort());
  });

  it('say when to come back, if they are 503', () => {
    const answers = ownReasons.map(ownAnswer).filter(({ status }) => status === 503);
    for (const { headers } of answers) expect(headers['Retry-After']).toMatch(/^\d+$/);
    expect(answers.length).toBeGreaterThan(3);
  });
});
