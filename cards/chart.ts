import type { CardElement, ChartColor, TextColor } from '@microsoft/teams.cards';
import type { CardContext } from './card-context.ts';
import { speaker, type Say } from './card-text.ts';

/** One share of a whole: its name, how many, and the colour of its state. */
export interface ChartPart {
  readonly name: string;
  /** A count; parts of nothing are left out. */
  readonly value: number;
  readonly color: TextColor;
}

/** `donut` for how things stand, `bar` (one stacked line, low on a phone) for how something came out. */
export type ChartShape = 'donut' | 'bar';

/** Clients of all widths show the bars of the fallback beside their words. */
const cells = 10;

const chartColors: Readonly<Record<TextColor, ChartColor>> = {
  Good: 'good',
  Warning: 'warning',
  Attention: 'attention',
  Accent: 'categoricalBlue',
  Default: 'neutral',
  Dark: 'neutral',
  Light: 'neutral',
};

/**
 * A picture of how a whole divides, in the colours of the states. Charts are newer than schema 1.5: a client that has none
 * shows the `fallback`, bars of characters with the same figures. Nothing when there is nothing to count.
 */
export function shareChart(
  context: CardContext,
  { shape, title, parts }: { readonly shape: ChartShape; readonly title: string; readonly parts: readonly ChartPart[] },
): CardElement[] {
  const shown = parts.filter(({ value }) => value > 0);
  if (shown.length === 0) return [];
  const say = speaker(context);
  const total = shown.reduce((sum, { value }) => sum + value, 0);
  // Figures are in the legend, and not only under a mouse pointer, which a phone has none of.
  const shares = sharePercents(shown.map(({ value }) => value));
  const named = shown.map((part, index) => ({ ...part, name: figures(say, part, shares[index] ?? 0) }));
  const fallback = textBars(title, named, total);
  const points = named.map(({ name, value, color }) => ({ legend: name, value, color: chartColors[color] }));
  return [
    shape === 'donut'
      ? { type: 'Chart.Donut', title, data: points, fallback }
      : { type: 'Chart.HorizontalBar.Stacked', title, data: [{ title, data: points }], fallback },
  ];
}

/** The same figures as text: the number and its name first, since a screen reader spells out the bar. */
function textBars(title: string, parts: readonly ChartPart[], total: number): CardElement {
  return {
    type: 'Container',
    items: [
      { type: 'TextBlock', text: title, weight: 'Bolder', wrap: true },
      ...parts.flatMap(({ name, value, color }): CardElement[] => [
        { type: 'TextBlock', text: name, spacing: 'Small', wrap: true },
        { type: 'TextBlock', text: textBar(value, total), fontType: 'Monospace', color, spacing: 'None', wrap: true },
      ]),
    ],
  };
}

function figures(say: Say, { name, value }: ChartPart, percent: number): string {
  return say('chart.part', { name, count: value, percent });
}

/** Never empty for a few, never full while there are others. */
function textBar(value: number, total: number): string {
  const filled = value === total ? cells : Math.min(Math.max(Math.round((value / total) * cells), 1), cells - 1);
  return '█'.repeat(filled) + '░'.repeat(cells - filled);
}

/** Whole per cent, which add up to 100: the largest takes what rounding left over. At least 1 for a few, 100 only for all. */
function sharePercents(values: readonly number[]): number[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  const largest = values.indexOf(Math.max(...values));
  const rounded = values.map((value) => Math.max(Math.round((value / total) * 100), 1));
  const others = rounded.reduce((sum, share, index) => (index === largest ? sum : sum + share), 0);
  return rounded.map((share, index) => (index === largest ? 100 - others : share));
}
