import { renderResults } from './render-results.ts';
import type { Section } from './section.ts';

const section: Section = {
  title: 'What a request costs',
  method: 'By loading it.',
  machine: 'On a machine.',
  versions: ['nginx 1.22.1', 'HAProxy 2.6.12'],
  goals: [
    { what: "÷ nginx's", limit: 1.15, measured: 1.3, unit: '×' },
    { what: "÷ Envoy's", limit: 0.5, why: 'not installed', unit: '×' },
  ],
  tables: [{ head: ['', 'µs'], rows: [['Headgate', '14']] }],
  notes: ['Envoy is missing: get-envoy.sh'],
};

describe('the page of results', () => {
  const page = renderResults([section, { ...section, title: 'Another', goals: [] }]);

  it('begins with every goal and its verdict', () => {
    expect(page).toContain("| ÷ nginx's | ≤ 1.15 × | 1.30 × | **missed** by 13 % |");
    expect(page).toContain("| ÷ Envoy's | ≤ 0.50 × | – | not measured: not installed |");
    expect(page.indexOf('## Goals')).toBeLessThan(page.indexOf('## What a request costs'));
  });

  it('has each part with its versions, tables and what is missing', () => {
    const part = page.slice(page.indexOf('## What a request costs'), page.indexOf('## Another'));
    for (const text of ['On a machine. nginx 1.22.1, HAProxy 2.6.12.', '| Headgate | 14 |', '- Envoy is missing']) {
      expect(part).toContain(text);
    }
  });
});
