import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, it } from 'vitest';
import type { CardContext } from '../../cards/card-context.ts';
import { catalogues } from '../../locales/catalogues.ts';
import { faultText, faultTitle } from '../../locales/fault-text.ts';
import { faultCatalogue, type FaultCode } from '../../services/model/fault-catalogue.ts';
import { allCards, longNames, normal, now } from '../cards/card-fixtures.ts';
import { nodesOf, type CardNode } from '../cards/card-client.ts';

const readers: Readonly<Record<string, Pick<CardContext, 'roles'>>> = {
  everybody: { roles: [] },
  admin: { roles: ['admin', 'approver'] },
};

const cardsIn = (locale: string, words = normal) =>
  Object.entries(readers).flatMap(([reader, { roles }]) =>
    allCards(words, { locale, now, roles }).map(([name, view]) => ({ label: `${name} (${reader})`, ...view })),
  );

const shownFields = ['text', 'title', 'label', 'placeholder', 'errorMessage', 'value', 'altText'] as const;

/** Everything that a reader of a card sees, or a screen reader says. */
const shown = (card: unknown): string[] =>
  nodesOf(card).flatMap((node: CardNode) =>
    shownFields.flatMap((field) => {
      const value = node[field];
      return typeof value === 'string' && !(field === 'value' && String(node['type']).startsWith('Input.'))
        ? [value]
        : [];
    }),
  );

const sentences = (language: 'en' | 'de'): Map<string, string> =>
  new Map(Object.values(catalogues[language]).flatMap((file) => Object.entries(file)));

/** The buttons of a card, those that open behind others too; rows that can be chosen are none. */
const buttonsOf = (card: unknown): string[] =>
  nodesOf(card)
    .flatMap((node) => (Array.isArray(node['actions']) ? (node['actions'] as CardNode[]) : []))
    .map(({ title }) => String(title));

/** Cards whose words come from their caller, which the fixtures give in English. */
const callersWords = /^(help|confirm)\b/;

/** Words that are the same in both languages: names of the field and of products, and what stands for itself. */
const sameInBoth =
  /^([^A-Za-z]*|name|token|server|person|status|information|system|admin|filter|autodiscover|exchange|key vault|ntlm|mailroom|mailroom-hma|dynamics 365 for outlook|hybrid modern authentication \(oauth\)|contoso on-premises|code|event|hash|build|post|test|export|import|details|version|minimum|maximum|e-mail|text|ok|pox|soap|excel|optional|trend|detail|administrator)$/i;

/** Sentences that are units or places with what fills them, and the name of a product with a word before it. */
const sameByKey = new Set([
  'duration.seconds',
  'card.advanced.timeout',
  'card.settings-value.size',
  'card.mailbox.ahead',
  'card.discovery.found-by',
  'card.draft.certificateSource.key-vault',
  'form.tab',
]);

/** The words of a sentence, without what it is filled with and without signs. */
const wordsOf = (text: string): string => {
  const words: string[] = [];
  const collect = (ast: ReturnType<IntlMessageFormat['getAst']>): void => {
    for (const element of ast) {
      const type: number = element.type;
      if (type === 0 && 'value' in element) words.push(element.value);
      if ('options' in element) for (const { value } of Object.values(element.options)) collect(value);
    }
  };
  collect(new IntlMessageFormat(text, 'en', undefined, { ignoreTag: true }).getAst());
  return words
    .join(' ')
    .replaceAll(/[^\p{L}\d ()-]|^i /gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
};

describe('the German sentences', () => {
  const [english, german] = [sentences('en'), sentences('de')];

  it('are German: none is the English one, but for names that both share', () => {
    const untranslated = [...english].filter(
      ([key, text]) =>
        german.get(key) === text && !/https?:|@|0000|^[^a-z]*$/.test(text) && !/\.hint$|\.example$/.test(key),
    );
    expect(untranslated.filter(([key, text]) => !sameByKey.has(key) && !sameInBoth.test(wordsOf(text)))).toEqual([]);
  });

  it('address the reader formally, and quote as German does', () => {
    const informal = [...german].filter(([, text]) => /\b(du|dein|deine|dich|dir|euch|euer)\b/i.test(text));
    expect(informal).toEqual([]);
    // What stands in PowerShell is quoted as a shell takes it.
    const foreign = [...german].filter(([, text]) => /“[^„”]*”/.test(text));
    expect(foreign).toEqual([]);
    expect(
      [...german].filter(([, text]) => (text.match(/„/g) ?? []).length !== (text.match(/“/g) ?? []).length),
    ).toEqual([]);
  });

  it('use one term for one thing, as the glossary of docs/languages.md says', () => {
    const wrong = [...german].filter(([, text]) =>
      /\b(Mailbox|Mailboxen|Passwort|Approval|Impersonation|Queue|Server-Profil|Email|Alarme?|Zustellmethoden?)\b/.test(
        text.replaceAll(
          /\{[^{}]*\}|‹[^›]*›|„[^“]*“|`[^`]*`|[\w-]+:\w+|Role ApplicationImpersonation|-Mailbox \S*/g,
          '',
        ),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('name the same commands as the English ones', () => {
    const commands =
      /[“„`](create profile|edit profile|copy profile|profiles|mailboxes|apply defaults|email settings|pending|alerts|runs|roles|history|help|test all|subscribe|approvers here|activate profile|import mailboxes|export history)\b/g;
    const named = (text: string): string[] => [...text.matchAll(commands)].map(([, name = '']) => name).toSorted();
    const missing = [...english].filter(([key, text]) => {
      const own = new Set(named(german.get(key) ?? ''));
      return named(text).some((name) => !own.has(name));
    });
    expect(missing.map(([key]) => key)).toEqual([]);
    const filters = (text: string): string[] =>
      [...text.matchAll(/\b(?:status|incoming|outgoing|act|approval|type|state|profile|run|cause|is):(?=[\w"( ])/g)]
        .map(([filter]) => filter)
        .toSorted();
    const different = [...english].filter(
      ([key, text]) =>
        /FILTER|the filter|status:|approval:/.test(text) &&
        JSON.stringify(filters(text)) !== JSON.stringify(filters(german.get(key) ?? '')),
    );
    expect(different.map(([key]) => key)).toEqual([]);
  });
});

describe('a German card', () => {
  it('weighs no more than 20 KB', () => {
    const heavy = [...cardsIn('de'), ...cardsIn('de', longNames)]
      .map(({ label, card }) => [label, Buffer.byteLength(JSON.stringify(card))] as const)
      .filter(([, bytes]) => bytes > 20_480);
    expect(heavy).toEqual([]);
  });

  it('says in its own language what the English one says', () => {
    const english = new Map(
      cardsIn('en').map(({ label, card, summary }) => [label, new Set([...shown(card), summary])]),
    );
    const ours = new Set(
      [...sentences('en')].filter(([key]) => /^(card|fault|error|audit)\./.test(key)).map(([, text]) => text),
    );
    const leftOvers = cardsIn('de').flatMap(({ label, card, summary }) =>
      [...shown(card), summary]
        .filter((text) => !callersWords.test(label) && english.get(label)?.has(text) === true && ours.has(text))
        .filter((text) => !sameInBoth.test(wordsOf(text)) && !/https?:|@|0000/.test(text))
        .map((text) => `${label}: ${text}`),
    );
    expect(leftOvers).toEqual([]);
  });

  it('has no word of ours that is English', () => {
    // Words that are frequent in our English and are no German word.
    const english =
      /\b(the|and|with|mailbox|mailboxes|has|have|were|choose|approved|waiting|failed|this|your|from|until)\b/;
    const leftOvers = cardsIn('de').flatMap(({ label, card, summary }) =>
      [...shown(card), summary]
        .map((text) =>
          text.replaceAll(/[“„‹][^“”›]*[“”›]|"[^"]*"|[\w:.-]*:[\w.-]+|[\w.]+@[\w.]+|[A-Z][a-z]+-[A-Z]\w+[^.]*\.?/g, ''),
        )
        .filter(
          (text) => !callersWords.test(label) && english.test(text) && !normalWords.some((word) => text.includes(word)),
        )
        .map((text) => `${label}: ${text}`),
    );
    expect(leftOvers).toEqual([]);
  });

  it('has titles that fit their buttons', () => {
    const long = cardsIn('de').flatMap(({ label, card }) =>
      buttonsOf(card)
        // What a person named may be as long as it likes.
        .filter((title) => title.length > 25 && !normalWords.some((word) => title.includes(word)))
        .map((title) => `${label}: ${title}`),
    );
    expect(long).toEqual([]);
  });

  it('writes numbers as German does', () => {
    const texts = cardsIn('de').flatMap(({ card, summary }) => [...shown(card), summary]);
    expect(texts.filter((text) => /\b\d{1,3},\d{3}\b/.test(text))).toEqual([]);
    expect(texts.some((text) => /\b\d{1,3}\.\d{3}\b/.test(text))).toBe(true);
  });
});

/** What the fixtures' people typed: it is not ours to translate. */
const normalWords = Object.values(normal).filter((word): word is string => typeof word === 'string' && word.length > 3);

const everything = {
  host: 'mail.contoso.com',
  address: 'kim@contoso.com',
  account: 'svc-mailroom@contoso.com',
  status: 503,
  backOffMs: 297_749,
  folder: 'Calendar',
  schemes: 'Negotiate, NTLM',
  responseCode: 'ErrorWhatever',
  location: 'https://login.contoso.com/',
  build: '15.0.516.32',
  profile: 'Contoso on-premises',
  organization: 'contoso-sandbox',
  stampedAt: '2026-11-23T08:00:00.000Z',
};
const codes = Object.keys(faultCatalogue) as FaultCode[];

describe.each(codes)('the German text of %s', (code) => {
  const texts = {
    'with all values': everything,
    'without a value': {},
    'for delegate access and NTLM': { ...everything, access: 'delegate', scheme: 'ntlm' },
    'for a client secret': { ...everything, scheme: 'clientSecret' },
    'for a mailbox that worked without a value': { worked: 'yes' },
  };

  it.each(Object.entries(texts))('is whole %s', (_, params) => {
    const { title, cause, nextStep } = faultText('de', { code, params });
    expect(title.length).toBeLessThanOrEqual(65);
    expect(title).not.toMatch(/[.{}]/);
    expect(cause).toMatch(/^[A-ZÄÖÜ\d].*[.]$|^[a-z]\S*[@.\\]\S+ .*[.]$/);
    expect(nextStep).toMatch(/^[A-ZÄÖÜ].*[.]$/);
    for (const text of [title, cause, nextStep]) expect(text).not.toMatch(/\bnone\b|undefined|NaN| {2}|\{[a-z]/);
  });

  it('names the same cmdlets as the English one', () => {
    const cmdlets = (locale: string): string[] =>
      [...faultText(locale, { code, params: everything }).nextStep.matchAll(/‹[^›]*›|\b[A-Z][a-z]+-[A-Z]\w+/g)]
        .map(([text]) => text)
        .filter(
          (text) => /^‹?[A-Z][a-z]+-[A-Z][a-zA-Z]+/.test(text) && !/Server-Side|Serverseitige|Read-Write/.test(text),
        )
        .map((text) => text.replace(/\\(Kalender|calendar)/i, String.raw`\FOLDER`))
        .toSorted();
    expect(cmdlets('de').filter((text) => text.startsWith('‹'))).toEqual(
      cmdlets('en').filter((text) => text.startsWith('‹')),
    );
  });
});

it('each fault has a German title of its own', () => {
  const titles = codes.map((code) => faultTitle('de', code));
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
});
