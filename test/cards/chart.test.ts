import { describe, expect, it } from 'vitest';
import { shareChart } from '../../cards/chart.ts';
import { renderTemplate } from '../../cards/render-template.ts';
import { admin, hostileText } from './card-fixtures.ts';
import { clientProblems, nodesOf, textOf, type CardNode } from './card-client.ts';

const chart = (shape: 'donut' | 'bar', values: readonly number[], name = 'Part'): CardNode[] =>
  shareChart(admin, {
    shape,
    title: 'Mailboxes',
    parts: values.map((value, index) => ({
      name: `${name} ${index}`,
      value,
      color: index === 0 ? 'Good' : 'Attention',
    })),
  }).map((element) => ({ ...element }));

describe.each(['donut', 'bar'] as const)('a chart: %s', (shape) => {
  it('has the figures in its legend, and the same in the bars of its fallback', () => {
    const [picture] = chart(shape, [188, 12]);
    const legends = ['Part 0: 188 (94 %)', 'Part 1: 12 (6 %)'];
    for (const legend of legends) expect(textOf(picture)).toContain(legend);
    const fallback = nodesOf(picture?.['fallback']).map(({ text }) => text);
    expect(fallback.filter((text) => text !== undefined)).toEqual([
      'Mailboxes',
      'Part 0: 188 (94 %)',
      '█████████░',
      'Part 1: 12 (6 %)',
      '█░░░░░░░░░',
    ]);
  });

  it('never shows few as none, nor nearly all as all', () => {
    expect(textOf(chart(shape, [99_999, 1]))).toContain('Part 0: 99,999 (99 %)\nPart 1: 1 (1 %)');
    expect(textOf(chart(shape, [5]))).toContain('Part 0: 5 (100 %)');
    // Halves would both be rounded up.
    expect(textOf(chart(shape, [183, 17]))).toContain('Part 0: 183 (91 %)\nPart 1: 17 (9 %)');
  });

  it('leaves out what there is none of, and itself where there is nothing', () => {
    expect(textOf(chart(shape, [3, 0]))).not.toContain('Part 1');
    expect(chart(shape, [0, 0])).toEqual([]);
  });

  it('is one that a client reads, with names that attack', () => {
    const template = { type: 'AdaptiveCard', version: '1.5', lang: '${lang}', body: ['${picture}'] };
    const { card } = renderTemplate(template, { picture: chart(shape, [1, 2], hostileText) }, 'A chart', admin);
    expect(clientProblems(card)).toEqual([]);
    const inFallback = nodesOf(card, true).filter(
      ({ type, text }) => type === 'TextBlock' && /evil/.test(String(text)),
    );
    expect(inFallback).toHaveLength(2);
    for (const { text } of inFallback) expect(text).toContain(String.raw`\[click\](https`);
  });
});
