import { describe, expect, it } from 'vitest';
import { statusCard } from '../../cards/status-card.ts';
import { totalOf, type MailboxCounts } from '../../services/model/status.ts';
import { admin, normal, longNames, now, statusParts, viewer } from './card-fixtures.ts';
import { nodesOf, ofType, textOf, verbsOf, type CardNode } from './card-client.ts';
import { emptyStatus, statusOf } from './status-fixtures.ts';

const parts = statusParts(normal);
const plain = (text: string): string => text.replaceAll('\\', '');

/** The figures of the chart, by line and state. */
function chartFigures(card: unknown): string[] {
  const [chart] = ofType(card, 'Chart.HorizontalBar.Stacked');
  return ((chart?.['data'] ?? []) as CardNode[]).flatMap(({ data }) =>
    (data as CardNode[]).map(({ legend, value }) => `${Number(value).toLocaleString('en')} ${String(legend)}`),
  );
}

describe('the chart of the status', () => {
  it('has the same figures in the text that a client without charts shows', () => {
    const { card } = statusCard(statusOf(parts), { weekly: false }, admin);
    const [chart] = ofType(card, 'Chart.HorizontalBar.Stacked');
    const lines = nodesOf(chart?.['fallback']).map(({ text }) => String(text));
    const figures = chartFigures(card);
    expect(figures.length).toBeGreaterThan(5);
    for (const figure of figures) expect(lines.some((line) => line.includes(figure))).toBe(true);
    // A bar tells its states apart without colour.
    expect(lines.filter((line) => /^[█▓░]+$/.test(line))).toHaveLength(4);
  });

  it('adds up to all mailboxes, however many profiles there are', () => {
    const status = statusOf(statusParts(longNames));
    const { card } = statusCard(status, { weekly: false }, admin);
    const [chart] = ofType(card, 'Chart.HorizontalBar.Stacked');
    const lines = chart?.['data'] as CardNode[];
    expect(lines).toHaveLength(10);
    const values = lines.flatMap(({ data }) => (data as CardNode[]).map(({ value }) => Number(value)));
    expect(values.reduce((sum, value) => sum + value, 0)).toBe(totalOf(status.counts));
  });

  it('leaves out what is nobody’s, and is not there without mailboxes', () => {
    const counts: MailboxCounts = { success: 3, failure: 0, notRun: 0 };
    const one = statusCard({ ...emptyStatus, counts, withoutProfile: counts }, { weekly: false }, admin);
    expect(chartFigures(one.card)).toEqual(['3 Success']);
    expect(ofType(statusCard(emptyStatus, { weekly: false }, admin).card, 'Chart.HorizontalBar.Stacked')).toEqual([]);
  });
});

it('says what waits, since when and until when', () => {
  const text = plain(textOf(statusCard(statusOf(parts), { weekly: false }, admin).card));
  expect(text).toContain('12 mailboxes, the oldest for 2 d 2 h');
  expect(text).toContain('4 mailboxes, the next in 1 min 30 s');
  expect(text).toContain('1 error, 2 warnings');
  expect(text).toContain('Maintenance of mail.contoso.com');
  expect(text).toContain('45,000 mailboxes: 90 % of the 50,000');
  expect(text).toContain('410 durable writes a second in the last minute: 82 % of the 500');
  expect(text).toContain('Memory: 1,812 of 1,907 MB');
});

it.each([
  ['✗ 1 error', { incidents: { errors: 1, warnings: 3, acknowledged: 0, assigned: 0, worst: [] } }, 'Choose Alerts'],
  ['⚠ 2 warnings', { incidents: { errors: 0, warnings: 2, acknowledged: 1, assigned: 0, worst: [] } }, 'Choose Alerts'],
  ['✓ All is well', { pending: { mailboxes: 1, requests: 1, oldestAt: now } }, 'Approvers choose'],
  ['⚠ A limit is near', { limits: statusOf(parts).limits }, 'A limit of the store'],
  ['⚠ 4 mailboxes fail', { counts: { success: 1, failure: 4, notRun: 0 } }, 'status:failure'],
  ['✓ All is well', {}, 'Nothing to do'],
] as const)('is “%s” with %j', (word, changes, next) => {
  const counts = { success: 9, failure: 0, notRun: 0 };
  const { card } = statusCard({ ...emptyStatus, counts, ...changes }, { weekly: false }, admin);
  expect(textOf(card)).toContain(word);
  expect(plain(textOf(card))).toContain(next);
});

it('offers the weekly status to whoever may choose it, and its end where it is chosen', () => {
  expect(verbsOf(statusCard(emptyStatus, { weekly: false }, admin).card)).toContain('status.weekly');
  expect(verbsOf(statusCard(emptyStatus, { weekly: true }, admin).card)).toContain('status.weekly-off');
  expect(verbsOf(statusCard(emptyStatus, { weekly: false }, viewer).card)).not.toContain('status.weekly');
});
