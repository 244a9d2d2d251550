import { describe, expect, it } from 'vitest';
import { faultText, faultTitle } from '../../locales/fault-text.ts';
import type { Params } from '../../services/model/error.ts';
import { faultCatalogue, type FaultCode } from '../../services/model/fault-catalogue.ts';

const codes = Object.keys(faultCatalogue) as FaultCode[];
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

describe.each(codes)('the text of %s', (code) => {
  const texts = {
    'with all values': everything,
    'without a value': {},
    'for delegate access and NTLM': { ...everything, access: 'delegate', scheme: 'ntlm' },
    'for a client secret': { ...everything, scheme: 'clientSecret' },
    'for a mailbox that worked': { ...everything, worked: 'yes' },
    'for a mailbox that worked without a value': { worked: 'yes' },
    'for delegate access without a value': { access: 'delegate', scheme: 'ntlm' },
  };

  it.each(Object.entries(texts))('is whole %s', (_, params) => {
    const { title, cause, nextStep } = faultText('en', { code, params });
    expect(title.length).toBeLessThanOrEqual(60);
    expect(title).not.toMatch(/[.{}]/);
    expect(cause).toMatch(/^[A-Z\d].*[.]$|^[a-z]\S*[@.\\]\S+ .*[.]$/);
    expect(nextStep).toMatch(/^[A-Z].*[.]$/);
    for (const text of [title, cause, nextStep]) expect(text).not.toMatch(/\bnone\b|undefined|NaN| {2}|\{[a-z]/);
  });

  it.each(Object.entries(texts))('ends no command with a full stop that would be copied with it, %s', (_, params) => {
    const { nextStep } = faultText('en', { code, params });
    expect(nextStep).not.toMatch(
      /\| Format-List [\w*, ]+\.(?: |$)|\s-[A-Z]\w+ [^\s“”›,]+\.(?: |$)|\b[A-Z][a-z]+-[A-Z]\w+\.(?: |$)/,
    );
  });

  it('tells a reader what to do: a cmdlet, a setting, a command, a person, or that it passes by itself', () => {
    const { nextStep } = faultText('en', { code, params: {} });
    expect(nextStep).toMatch(
      /[A-Z][a-z]+-[A-Z]\w+|Ask |ask |“|MAILROOM_|NODE_EXTRA|Enter |\.ps1|Correct|proxy|address|Check|outlook/,
    );
  });
});

describe('a fault text', () => {
  it('names the account in the cmdlet, and the place to fill in when it is not known', () => {
    const known = faultText('en', { code: 'ErrorImpersonateUserDenied', params: everything });
    expect(known.nextStep).toContain('-Role ApplicationImpersonation -User svc-mailroom@contoso.com');
    expect(faultText('en', { code: 'ErrorImpersonateUserDenied', params: {} }).nextStep).toContain('-User ACCOUNT');
  });

  it('advises a UPN only to whom has none', () => {
    const said = (account: string): string =>
      faultText('en', { code: 'CredentialRefused', params: { account } }).nextStep;
    expect(said('svc@contoso.com')).not.toContain('UPN');
    expect(said(String.raw`CONTOSO\svc`)).toContain('UPN');
  });

  it('looks an account up as Active Directory knows it', () => {
    const said = (account: string): string => faultText('en', { code: 'AccountLocked', params: { account } }).nextStep;
    expect(said('svc@contoso.com')).toContain(`"UserPrincipalName -eq 'svc@contoso.com'"`);
    expect(said(String.raw`CONTOSO\svc`)).toContain(`"SamAccountName -eq 'svc'"`);
  });

  it('puts anything unusual in a cmdlet into quotes, since people paste it into a shell', () => {
    const { nextStep } = faultText('en', { code: 'ErrorQuotaExceeded', params: { address: "a|calc'b@contoso.com" } });
    expect(nextStep).toContain(`-Identity 'a|calc''b@contoso.com'`);
  });

  it('shows the code of the server where Mailroom has no words of its own', () => {
    expect(faultText('en', { code: 'EwsOther', params: {}, raw: 'ErrorOddThing' }).cause).toContain('ErrorOddThing');
  });

  it('says how long Exchange wants to rest, in seconds', () => {
    expect(faultText('en', { code: 'ErrorServerBusy', params: { backOffMs: 297_749 } }).cause).toContain('298 seconds');
  });

  it('begins a sentence with a capital where it has only a word for a name', () => {
    expect(faultText('en', { code: 'ErrorQuotaExceeded', params: {} }).cause).toMatch(/^This mailbox/);
  });

  it('stays readable with a hostile or endless value', () => {
    const { cause } = faultText('en', { code: 'HttpRedirect', params: { location: `x\n\u202e${'y'.repeat(5000)}` } });
    expect(cause.length).toBeLessThan(400);
    expect(cause).not.toMatch(/[\n\u202e]/);
  });

  it.each([
    ['ErrorAccessDenied', 'Add-MailboxPermission -Identity kim@contoso.com -User svc-mailroom@contoso.com'],
    ['ErrorSendAsDenied', 'Add-ADPermission -Identity (Get-Mailbox kim@contoso.com).DistinguishedName'],
    ['FolderRightsMissing', 'Add-MailboxFolderPermission -Identity kim@contoso.com:\\calendar'],
    ['ErrorFolderNotFound', 'Get-MailboxPermission -Identity kim@contoso.com -User svc-mailroom@contoso.com'],
  ] as const)('of %s names the rights of the mailbox for delegate access, and never impersonation', (code, cmdlet) => {
    const next = (access: string): string => faultText('en', { code, params: { ...everything, access } }).nextStep;
    expect(next('delegate')).toContain(cmdlet);
    expect(next('delegate')).not.toMatch(/impersonation/i);
    expect(next('impersonation')).not.toBe(next('delegate'));
    // Faults of before, and of tests that do not say.
    expect(faultText('en', { code, params: everything }).nextStep).toBe(next('impersonation'));
  });

  it('of a refused password speaks of Extended Protection where NTLM was used, and only there', () => {
    const next = (params: Params): string => faultText('en', { code: 'CredentialRefused', params }).nextStep;
    expect(next({ scheme: 'ntlm' })).toContain('ExtendedProtectionTokenChecking');
    for (const params of [{ scheme: 'basic' }, {}]) expect(next(params)).not.toContain('Extended');
  });

  it('says whose stamp a mailbox carries and since when, as far as it is legible', () => {
    const cause = (params: Params): string => faultText('en', { code: 'OrganizationStampForeign', params }).cause;
    expect(cause(everything)).toContain('the organization contoso-sandbox, set on Nov 23, 2026');
    expect(cause({ address: 'kim@contoso.com' })).toContain(
      'kim@contoso.com carries the synchronization stamp of another',
    );
    expect(cause({ ...everything, stampedAt: 'yesterday <b>' })).not.toMatch(/set on|yesterday/);
  });

  it('has a title of its own for each code', () => {
    const titles = codes.map((code) => faultTitle('en', code));
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  });
});
