import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCatalogue } from '@headgate/shared/error';

const page = join(import.meta.dirname, '..', '..', '..', 'docs', 'reference', 'errors.md');

describe('the page about errors', () => {
  it('has every code of the catalogue with status, title and what to do, and no other', () => {
    const rows = readFileSync(page, 'utf8').match(/^\| `HEADGATE_.*$/gm) ?? [];
    const expected = Object.entries(errorCatalogue).map(
      ([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`,
    );
    expect(rows.map((row) => row.split(' | ').slice(0, 3).join(' | ') + ' |').sort()).toEqual(expected.sort());
    for (const row of rows) expect(row.split(' | ')[3]).toMatch(/^.{10,} \|$/);
  });
});
