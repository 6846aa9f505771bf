import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Setting } from '@headgate/shared/config/setting';
import { settingsSpec } from './settings-spec.ts';

const page = join(import.meta.dirname, '..', '..', '..', 'docs', 'reference', 'control-plane-settings.md');

describe('the page about the settings', () => {
  it('has every setting with its default and its meaning, and no other', () => {
    const rows = readFileSync(page, 'utf8').match(/^\| `HEADGATE_.*$/gm);
    const settings: readonly Setting<unknown>[] = Object.values(settingsSpec);
    const expected = settings.map((setting) => {
      const shown = (setting.default ?? '') === '' ? 'none' : `\`${setting.default}\``;
      return `| \`${setting.name}\` | ${shown} | ${setting.description} |`;
    });
    expect(rows).toEqual(expected);
  });
});
