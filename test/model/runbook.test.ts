import { describe, expect, it, test } from 'vitest';
import { languages } from '../../locales/catalogues.ts';
import { translate } from '../../locales/translate.ts';
import { catalogues } from '../../locales/catalogues.ts';
import { faultCatalogue, type FaultCode } from '../../services/model/fault-catalogue.ts';
import { procedureOf, procedures, readNote } from '../../services/model/runbook.ts';

describe('the runbook', () => {
  it('has for each procedure exactly the steps that are written, in every language', () => {
    for (const language of languages) {
      const written = Object.keys(catalogues[language]['runbook'] ?? {}).filter((key) =>
        key.startsWith('card.runbook.step.'),
      );
      const named = Object.entries(procedures).flatMap(([name, { steps }]) =>
        Array.from({ length: steps }, (_, index) => `card.runbook.step.${name}.${index + 1}`),
      );
      expect(written.toSorted()).toEqual(named.toSorted());
    }
  });

  it('knows what to do about every code, and no procedure is of none', () => {
    const used = new Set((Object.keys(faultCatalogue) as FaultCode[]).map(procedureOf));
    expect([...used].toSorted()).toEqual(Object.keys(procedures).toSorted());
    for (const { ask } of Object.values(procedures)) expect(translate('en', `card.runbook.ask.${ask}`)).not.toBe('');
  });

  it('leads to no page but Microsoft’s', () => {
    for (const { page } of Object.values(procedures))
      if (page !== null) expect(page).toMatch(/^https:\/\/learn\.microsoft\.com\//);
  });

  test.each([
    ['', null],
    [' https://wiki.contoso.com/a?b=[1] ', 'https://wiki.contoso.com/a?b=[1]'],
    ['HTTPS://WIKI.contoso.com', 'https://wiki.contoso.com/'],
    ['http://wiki.contoso.com', 'link-not-https'],
    ['javascript:alert(1)', 'link-not-https'],
    ['data:text/html,x', 'link-not-https'],
    ['wiki.contoso.com', 'link-not-https'],
    ['https:///wiki', 'link-not-https'],
    [String.raw`https:\\wiki`, 'link-not-https'],
    ['https://', 'link-not-https'],
    ['https://svc:Sync!Pass1@wiki.contoso.com', 'link-with-password'],
    ['https://token@wiki.contoso.com', 'link-with-password'],
    [`https://wiki.contoso.com/${'a'.repeat(500)}`, 'link-too-long'],
    [`https://wiki.contoso.com/${'ä'.repeat(200)}`, 'link-too-long'],
  ])('the address %j of a note is %j', (link, is) => {
    const note = readNote({ text: ' Ask the wiki.\r\nTwice. ', link });
    expect(note).toEqual(is === null || is.startsWith('https') ? { text: 'Ask the wiki.\nTwice.', link: is } : is);
  });

  it('takes no endless text', () => {
    expect(readNote({ text: 'a'.repeat(1000), link: '' })).toMatchObject({ link: null });
    expect(readNote({ text: 'a'.repeat(1001), link: '' })).toBe('text-too-long');
  });
});
