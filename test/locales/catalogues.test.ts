import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, it } from 'vitest';
import cards from '../../locales/en/cards.json' with { type: 'json' };
import chat from '../../locales/en/chat.json' with { type: 'json' };
import errors from '../../locales/en/errors.json' with { type: 'json' };
import faults from '../../locales/en/faults.json' with { type: 'json' };
import form from '../../locales/en/form.json' with { type: 'json' };
import report from '../../locales/en/report.json' with { type: 'json' };
import { localeOfBrowser } from '../../locales/accept-language.ts';
import { formatDuration } from '../../locales/format-time.ts';
import { translate } from '../../locales/translate.ts';
import { faultCatalogue } from '../../services/model/fault-catalogue.ts';

const folder = (name: string): string => fileURLToPath(new URL(`../../${name}/`, import.meta.url));
const sources = ['cards', 'locales'].flatMap((name) =>
  readdirSync(folder(name))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(folder(name) + file, 'utf8')),
);
const code = sources.join('\n');

/** Keys as the code writes them: whole, or with a part that is filled in. */
const literals = new Set([...code.matchAll(/'([a-z][\w.-]*)'/gi)].map(([, key]) => key));
const patterns = [...code.matchAll(/`([a-z][\w.-]*\$\{[^`]*)`/gi)].map(
  ([, text = '']) =>
    new RegExp(
      `^${text
        .replaceAll(/\$\{[^}]*\}/g, '\u0000')
        .replaceAll('.', String.raw`\.`)
        .replaceAll('\u0000', String.raw`[\w.-]+`)}$`,
    ),
);
const isUsed = (key: string): boolean => literals.has(key) || patterns.some((pattern) => pattern.test(key));

describe('the catalogues', () => {
  it('hold only messages that compile', () => {
    const all = { ...cards, ...chat, ...errors, ...faults, ...form, ...report };
    const broken = Object.entries(all).filter(([, text]) => {
      try {
        return new IntlMessageFormat(text, 'en', undefined, { ignoreTag: true }).getAst().length === 0;
      } catch {
        return true;
      }
    });
    expect(broken).toEqual([]);
  });

  it('hold no sentence for the cards that no card says', () => {
    const unused = Object.keys(cards).filter((key) => !isUsed(key) && !isUsed(key.replace(/^card\./, '')));
    expect(unused).toEqual([]);
  });

  it('hold nothing about faults but the words and the texts of known codes', () => {
    const known = new Set<string>(Object.keys(faultCatalogue));
    const strange = Object.keys(faults).filter((key) => {
      const [, subject = '', part = ''] = key.split('.');
      return (
        !['word', 'folder'].includes(subject) && !(known.has(subject) && ['title', 'cause', 'nextStep'].includes(part))
      );
    });
    expect(strange).toEqual([]);
  });

  it('are flat, without the same sentence key in two of them', () => {
    const keys = [cards, chat, errors, faults, form].flatMap((file) => Object.keys(file));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('hold no backtick where a card may show it, since a card shows it as it is', () => {
    const shown = Object.entries({ ...cards, ...errors, ...faults, ...form });
    expect(shown.filter(([, text]) => text.includes('`'))).toEqual([]);
  });

  it('never use the words that hide what happened', () => {
    const vague = Object.entries({ ...cards, ...faults, ...form }).filter(([, text]) =>
      /\b(something went wrong|oops|please|an error occurred)\b/i.test(text),
    );
    expect(vague).toEqual([]);
  });
});

describe('translate', () => {
  it('falls back to English for a language it lacks and for a strange locale', () => {
    for (const locale of ['en-US', 'de-CH', 'zh', '', 'not a locale'])
      expect(translate(locale, 'card.next-step')).toBe('Next step');
  });

  it('throws for a key that nobody wrote', () => {
    expect(() => translate('en', 'card.no-such-key')).toThrow('card.no-such-key');
  });

  it('throws when a value of the sentence is missing', () => {
    expect(() => translate('en', 'card.more')).toThrow('count');
  });
});

describe('the language of a browser', () => {
  it('is the first that Mailroom speaks, by weight, or English', () => {
    expect(localeOfBrowser('xx, en-GB;q=0.8, *;q=0.5')).toBe('en-GB');
    expect(localeOfBrowser('en;q=0.2, en-US;q=0.9')).toBe('en-US');
    for (const header of ['', 'xx', 'en;q=0', 'en;q=much', '*', ','.repeat(5000)])
      expect(localeOfBrowser(header)).toBe('en');
  });
});

describe('times', () => {
  it('say durations with their two largest units', () => {
    expect(
      [400, 59_400, 200_000, 7_500_000, 180_000_000, 900_000, 7_200_000, 172_800_000].map((ms) =>
        formatDuration('en', ms),
      ),
    ).toEqual(['1 s', '59 s', '3 min 20 s', '2 h 5 min', '2 d 2 h', '15 min', '2 h', '2 d']);
  });
});
