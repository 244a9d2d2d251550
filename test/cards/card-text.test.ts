import { array, assert, constantFrom, property } from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { escapeMarkdown } from '../../cards/escape-markdown.ts';
import { personName } from '../../cards/person-name.ts';
import { plainText } from '../../cards/plain-text.ts';
import { percent, progressBar } from '../../cards/progress-bar.ts';
import { renderTemplate } from '../../cards/render-template.ts';
import { everybody } from './card-fixtures.ts';

const markdown = new MarkdownIt();
const shown = (text: string): string =>
  markdown
    .parse(text, {})
    .flatMap((token) => token.children ?? [])
    .map((token) => token.content)
    .join('');

describe('text on a card', () => {
  it('shows any line exactly as it is, without markdown coming alive', () => {
    const pieces = constantFrom(
      '*',
      '**',
      '_',
      '`',
      '[',
      ']',
      '(',
      ')',
      '<',
      '>',
      '\\',
      '#',
      '- ',
      '1. ',
      '&lt;',
      '~~',
      '!',
      '${x}',
      'a',
      ' b',
      '.',
      '|',
      '=',
      '+ ',
    );
    assert(
      property(array(pieces, { maxLength: 12 }), (parts) => {
        const line = plainText(parts.join(''));
        expect(shown(escapeMarkdown(line))).toBe(line);
        expect(escapeMarkdown(line)).not.toContain('${');
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves an address with underscores as people know it', () => {
    expect(escapeMarkdown('first_last@contoso.com')).toBe('first_last@contoso.com');
  });

  it('lets the client fill in times', () => {
    expect(escapeMarkdown('{{DATE(2025-11-24T18:50:00Z, SHORT)}}')).toBe('{{DATE(2025-11-24T18:50:00Z, SHORT)}}');
  });

  it('makes one line of a value and cuts it between characters', () => {
    expect(plainText('a\n\u202eb\tc')).toBe('a b c');
    expect(plainText('👩‍👩‍👧‍👦'.repeat(3), 24)).toBe('👩‍👩‍👧‍👦👩‍👩‍👧‍👦…');
    expect(plainText('x'.repeat(200), 50)).toHaveLength(50);
  });

  it('keeps a name from right to left to itself', () => {
    expect(plainText('محمد')).toBe('\u2068محمد\u2069');
  });

  it('never shows an id in place of a name', () => {
    const say = (): string => 'someone';
    expect(personName(say, '9f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b')).toBe('someone');
    expect(personName(say, 'Dana Moss')).toBe('Dana Moss');
  });
});

describe('a template', () => {
  const template = { type: 'AdaptiveCard', body: [{ type: 'TextBlock', text: '${title}' }] };

  it('fails when a value is missing, instead of showing the binding', () => {
    expect(() => renderTemplate(template, {}, 'A card', everybody)).toThrow('${title}');
  });

  it('shows a binding that a person typed, and does not fill it in', () => {
    const { card } = renderTemplate(template, { title: '${summary}' }, 'A card', everybody);
    expect(card.body).toEqual([{ type: 'TextBlock', text: String.raw`$\{summary}` }]);
  });
});

describe('the bar', () => {
  it('is empty only before the start and full only at the end', () => {
    expect(progressBar(0, 10_000)).toBe(`[${'░'.repeat(20)}]`);
    expect(progressBar(1, 10_000)).toBe(`[█${'░'.repeat(19)}]`);
    expect(progressBar(9999, 10_000)).toBe(`[${'█'.repeat(19)}░]`);
    expect(progressBar(10_000, 10_000)).toBe(`[${'█'.repeat(20)}]`);
    expect([percent(9999, 10_000), percent(0, 0)]).toEqual([99, 100]);
  });
});
