import { expect, test } from 'vitest';
import { faultText } from '../../locales/fault-text.ts';

/*
 * Cmdlets of an alert are pasted into a shell that runs with an Exchange admin's rights, while the account in them is what
 * another admin typed into a profile. PowerShell takes every typographic quote for a plain one
 * (learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules).
 */

const single = "'\u2018\u2019\u201a\u201b";
const double = '"\u201c\u201d\u201e';

/** What stands outside of quoted text, as PowerShell reads a line. */
function outsideQuotes(line: string): string {
  let outside = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    const marks = [single, double].find((set) => set.includes(character));
    if (marks === undefined) {
      outside += character;
      continue;
    }
    for (at += 1; at < line.length; at += 1) {
      if (!marks.includes(line.charAt(at))) continue;
      // A mark that is doubled stands for itself.
      if (!marks.includes(line.charAt(at + 1))) break;
      at += 1;
    }
  }
  return outside;
}

const quotes = [...`${single}${double}`.split(''), '`', '$('];

test.each(quotes)('an account with %s in it stays one argument of a cmdlet', (quote) => {
  for (const account of [
    `x${quote}; Remove-Mailbox ceo ${quote}`,
    `x${quote}${quote}; Remove-Mailbox ceo; ${quote}`,
    `${quote}; Remove-Mailbox ceo; ${quote}@contoso.test`,
  ]) {
    for (const code of [
      'ErrorImpersonateUserDenied',
      'ErrorServerBusy',
      'AccountLocked',
      'CredentialRefused',
    ] as const) {
      const { nextStep } = faultText('en', { code, params: { account } });
      expect(outsideQuotes(nextStep), nextStep).not.toContain('Remove-Mailbox');
    }
  }
});

test.each(['“', '”', '„', '"', '`', '$(calc)'])('nor does %s end the filter of Get-ADUser, or run in it', (text) => {
  const { nextStep } = faultText('en', { code: 'AccountLocked', params: { account: `x${text}y` } });
  const filter = /Get-ADUser -Filter (".*?") \|/.exec(nextStep)?.[1] ?? '';
  expect(filter.slice(1, -1)).not.toMatch(/["\u201c-\u201f`$]/);
});

test.each(['-Force', '-Confirm', '@variables', '-WhatIf'])(
  'an account that is called %s is no parameter',
  (account) => {
    const { nextStep } = faultText('en', { code: 'ErrorImpersonateUserDenied', params: { account } });
    expect(nextStep).toContain(`-User '${account}'`);
  },
);
