import { readFile } from 'node:fs/promises';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { createMetrics } from '../../bot/metrics/metrics.ts';
import { metricsPage } from '../../docs/metrics-page.ts';

const page = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');

test('the page of the metrics says what the code counts (node docs/metrics-page.ts writes it)', async () => {
  expect(page).toBe(await format(metricsPage(), { parser: 'markdown', printWidth: 120, singleQuote: true }));
});

test('every metric that the page advises to look at is in its table', () => {
  const { rows } = createMetrics();
  const padding = / +\|/g;
  const table = page.replaceAll(padding, ' |');
  const named = new Set(page.match(/\bmailroom_\w+/g));
  expect([...named].toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
  for (const { name, type, labels } of rows) {
    const columns = [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', ')];
    expect(table).toContain(`\n| ${columns.join(' | ')} | `.replaceAll(padding, ' |'));
  }
});
