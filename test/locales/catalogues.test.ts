import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, it } from 'vitest';
import { commands } from '../../bot/commands.ts';
import { localeOfBrowser } from '../../locales/accept-language.ts';
import { catalogues, languages } from '../../locales/catalogues.ts';
import { chooseLocale } from '../../locales/choose-locale.ts';
import { formatDuration, formatMoment, formatTimeOfDay } from '../../locales/format-time.ts';
import { languageName } from '../../locales/language-name.ts';
import { formatLocaleOf, hasText, translate } from '../../locales/translate.ts';
import { auditEventKinds } from '../../services/model/audit.ts';
import { faultCatalogue } from '../../services/model/fault-catalogue.ts';
import { messageShape } from './message-shape.ts';
import { askedFor, isUsed } from './used-keys.ts';

const sentencesOf = (language: (typeof languages)[number]): Readonly<Record<string, string>> =>
  Object.assign({}, ...Object.values(catalogues[language])) as Record<string, string>;

const english = sentencesOf('en');
const faultKeys = Object.keys(english).filter((key) => key.startsWith('fault.'));

/** Keys that are put together from more than one place; what they are put together of stands beside them. */
const composed: readonly RegExp[] = [
  // cards/approval-card.ts: the title of a button that opens its inputs
  /^card\.button\.reject(-selected)?-open$/,
  // cards/lookup-card.ts: `problem.${problem}` and then its part
  /^card\.lookup\.problem\.[a-z-]+\.(intro|next|summary)$/,
  // cards/settings-proposal-card.ts: a set of its own for four eyes
  /^card\.proposal-eyes\.[a-z-]+$/,
  // cards/mailbox-change-card.ts: the step after the question
  /^card\.mailbox-change\.deactivate\.next$/,
];

/** Codes that no chat shows: they end a start or a maintenance command, have a page of their own, or are a mistake of ours. */
const notInChat = /^error\.(config|backup|restore|metrics|exchange|file\.link-|store\.|secret\.wrong-kind)/;

const isKnown = (key: string): boolean =>
  isUsed(key) ||
  composed.some((pattern) => pattern.test(key)) ||
  auditEventKinds.some((kind) => key === `audit.${kind}`) ||
  commands.some(({ words }) => key === `chat.command.${words.replaceAll(' ', '-')}.more`);

describe('the catalogues', () => {
  it.each(languages)('hold only messages that compile: %s', (language) => {
    const broken = Object.entries(sentencesOf(language)).filter(([, text]) => {
      try {
        return new IntlMessageFormat(text, language, undefined, { ignoreTag: true }).getAst().length === 0;
      } catch {
        return true;
      }
    });
    expect(broken).toEqual([]);
  });

  it('hold no sentence that no code says', () => {
    const unused = Object.keys(english).filter((key) => !key.startsWith('fault.') && !isKnown(key));
    expect(unused).toEqual([]);
  });

  it('hold every sentence that the code asks for by name', () => {
    expect(askedFor.length).toBeGreaterThan(500);
    expect(askedFor.filter(({ key }) => !hasText(key) && !notInChat.test(key))).toEqual([]);
  });

  it('hold a sentence for each command and each event of the trail', () => {
    const keys = [
      ...commands.map(({ words }) => `chat.command.${words.replaceAll(' ', '-')}`),
      ...auditEventKinds.map((kind) => `audit.${kind}`),
    ];
    expect(keys.filter((key) => !hasText(key))).toEqual([]);
  });

  it('hold nothing about faults but the words and the texts of known codes', () => {
    const known = new Set<string>(Object.keys(faultCatalogue));
    const strange = faultKeys.filter((key) => {
      const [, subject = '', part = ''] = key.split('.');
      return (
        !['word', 'folder'].includes(subject) && !(known.has(subject) && ['title', 'cause', 'nextStep'].includes(part))
      );
    });
    expect(strange).toEqual([]);
  });

  it('have the same subjects in every language, each with the same keys', () => {
    for (const language of languages) {
      expect(Object.keys(catalogues[language]).toSorted()).toEqual(Object.keys(catalogues.en).toSorted());
      for (const [subject, file] of Object.entries(catalogues.en)) {
        const own = Object.keys(catalogues[language][subject] ?? {});
        expect({ language, subject, missing: Object.keys(file).filter((key) => !own.includes(key)) }).toEqual({
          language,
          subject,
          missing: [],
        });
        expect(own.filter((key) => !Object.hasOwn(file, key))).toEqual([]);
      }
    }
  });

  it('take the same values in every language, and tell the same cases apart', () => {
    for (const language of languages) {
      const own = sentencesOf(language);
      const different = Object.keys(english).flatMap((key) => {
        const [theirs, ours] = [english, own].map((all) => messageShape(all[key] ?? '', language));
        return JSON.stringify(theirs) === JSON.stringify(ours) ? [] : [{ key, theirs, ours }];
      });
      expect(different).toEqual([]);
    }
  });

  it('print no number as a machine writes it', () => {
    // A count that stands in a sentence without a format would be 10000 in every language.
    const counts = /^(count|total|done|failed|left|number|entries|mailboxes|position)$/;
    const raw = Object.entries(english).filter(([, text]) =>
      Object.entries(messageShape(text, 'en')).some(
        ([name, slots]) => counts.test(name) && slots.includes('text') && !slots.includes('number'),
      ),
    );
    // Steps are few; and the place in the trail is a text already, or `none`.
    expect(raw.map(([key]) => key)).toEqual(['card.draft.step', 'card.history.where']);
  });

  it('hold no backtick where a card may show it, since a card shows it as it is', () => {
    for (const language of languages) {
      const shown = Object.entries(sentencesOf(language)).filter(([key]) => !key.startsWith('chat.'));
      expect(shown.filter(([, text]) => text.includes('`'))).toEqual([]);
    }
  });

  it('never use the words that hide what happened', () => {
    const vague = Object.entries(english).filter(
      ([key, text]) =>
        /^(card|fault|form)\./.test(key) && /\b(something went wrong|oops|please|an error occurred)\b/i.test(text),
    );
    expect(vague).toEqual([]);
  });
});

describe('translate', () => {
  it('falls back to English for a language it lacks and for a strange locale', () => {
    for (const locale of ['en-US', 'zh', '', 'und', 'not a locale', '../../etc/passwd'])
      expect(translate(locale, 'card.next-step')).toBe('Next step');
  });

  it('speaks German to every region of it, and writes numbers as the region does', () => {
    const said = (locale: string): string =>
      translate(locale, 'card.more', { count: 1_234_567 }).replaceAll(/['\u2019]/g, '’');
    expect(['de', 'de-CH', 'DE-at', 'en-GB'].map(said)).toEqual([
      'und 1.234.567 weitere',
      'und 1’234’567 weitere',
      'und 1\u00a0234\u00a0567 weitere',
      'and 1,234,567 more',
    ]);
  });

  it('has a locale that Intl takes for whatever a client sends', () => {
    for (const locale of ['de-<script>', 'en-XX', 'x'.repeat(64), 'de-DE-u-nu-arab', '\0', '-', 'ja-JP'])
      expect(() => new Intl.DateTimeFormat(formatLocaleOf(locale))).not.toThrow();
    expect(formatLocaleOf('ja-JP')).toBe('en');
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
    expect(localeOfBrowser('fr-CH, de-CH;q=0.9, en;q=0.8')).toBe('de-CH');
    expect(localeOfBrowser('en-GB;q=0.8, de')).toBe('de');
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
    expect(formatDuration('de', 7_500_000)).toBe('2 Std. 5 Min.');
  });

  it('name their zone, in the manner of the reader', () => {
    const at = Date.UTC(2026, 6, 1, 22, 30);
    expect(formatMoment('de-DE', at, 'Europe/Berlin')).toBe('2. Juli 2026, 00:30 MESZ');
    expect(formatMoment('en-GB', at, 'Europe/Berlin')).toBe('2 Jul 2026, 00:30 CEST');
    expect(formatMoment('en-US', at, 'America/New_York').replaceAll('\u202f', ' ')).toBe('Jul 1, 2026, 6:30 PM EDT');
    expect(formatTimeOfDay('de', at, null)).toBe('22:30 UTC');
  });
});

describe('the locale to speak in', () => {
  it('is that of the client until a language is chosen, and keeps the region where it is of that language', () => {
    expect(chooseLocale(null, 'de-CH')).toBe('de-CH');
    expect(chooseLocale('de', 'de-CH')).toBe('de-CH');
    expect(chooseLocale('de', 'en-GB')).toBe('de');
    expect(chooseLocale('en', 'de-AT')).toBe('en');
  });

  it('has a name in its own language', () => {
    expect(['de-CH', 'en', 'ja'].map(languageName)).toEqual(['Deutsch', 'English', 'English']);
  });
});
