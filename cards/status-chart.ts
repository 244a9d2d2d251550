import type { CardElement, IStackedHorizontalBarChartData } from '@microsoft/teams.cards';
import { totalOf, type MailboxCounts } from '../services/model/status.ts';
import type { CardContext } from './card-context.ts';
import { speaker, type Say } from './card-text.ts';

/** A line of the chart: a profile, or those that do not fit. */
export interface ChartLine {
  readonly name: string;
  readonly counts: MailboxCounts;
}

const cells = 12;
const states = ['success', 'failure', 'notRun'] as const;
const colors = { success: 'good', failure: 'attention', notRun: 'neutral' } as const;
/** Told apart without colour. */
const marks = { success: '█', failure: '▓', notRun: '░' } as const;

/**
 * Mailboxes by profile and state. Charts are newer than schema 1.5: a client without them shows the fallback, which has the
 * same figures in words and as bars of characters. Nothing when there are no mailboxes.
 */
export function statusChart(lines: readonly ChartLine[], context: CardContext): CardElement[] {
  const say = speaker(context);
  const shown = lines.filter(({ counts }) => totalOf(counts) > 0);
  if (shown.length === 0) return [];
  const title = say('status.chart');
  const data = shown.map(({ name, counts }): IStackedHorizontalBarChartData => ({
    title: name,
    data: states
      .filter((state) => counts[state] > 0)
      .map((state) => ({ legend: say(`status.legend.${state}`), value: counts[state], color: colors[state] })),
  }));
  return [{ type: 'Chart.HorizontalBar.Stacked', title, data, fallback: textChart(shown, title, say) }];
}

function textChart(lines: readonly ChartLine[], title: string, say: Say): CardElement {
  return {
    type: 'Container',
    items: [
      { type: 'TextBlock', text: title, weight: 'Bolder', wrap: true },
      ...lines.flatMap(({ name, counts }): CardElement[] => [
        { type: 'TextBlock', text: say('status.line', { name, ...counts }), spacing: 'Small', wrap: true },
        { type: 'TextBlock', text: textBar(counts), fontType: 'Monospace', spacing: 'None', wrap: true },
      ]),
    ],
  };
}

/** Each state that there is has at least one cell. */
function textBar(counts: MailboxCounts): string {
  const total = totalOf(counts);
  return states
    .map((state) =>
      marks[state].repeat(counts[state] === 0 ? 0 : Math.max(1, Math.round((counts[state] / total) * cells))),
    )
    .join('');
}
