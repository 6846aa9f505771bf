import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startApi } from './api-fixture.cases.ts';
import { apiOperations } from './operations.ts';

const page = join(import.meta.dirname, '..', '..', '..', 'docs', 'reference', 'api.md');

describe('the page about the API', () => {
  it('has every operation with its summary, and no other', async () => {
    const api = await startApi();
    const expected = apiOperations(api.rooms).map(
      ({ method, path, summary }) => `| \`${method.toUpperCase()} ${path}\` | ${summary} |`,
    );
    await api.close();
    expect(readFileSync(page, 'utf8').match(/^\| `[A-Z]+ \/.*$/gm)).toEqual(expected);
  });
});
