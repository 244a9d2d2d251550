import { describe, expect, it } from 'vitest';
import { draftCard, type DraftCardContext } from '../../cards/draft-card.ts';
import { profileCard, type ProfileDetails } from '../../cards/profile-card.ts';
import { discoveryNotes, type Discovery, type DiscoveryStep } from '../../services/model/discovery.ts';
import type { Check, DraftStep, DraftValues, ProfileDraft } from '../../services/model/draft.ts';
import { translate } from '../../locales/translate.ts';
import { detailErrors, emptyValues, modernAuthErrors } from '../../services/model/draft-values.ts';
import { modernAuthenticationOf } from '../../services/model/secret-target.ts';
import { clientProblems, nodesOf, ofType, textOf, verbsOf, type CardNode } from './card-client.ts';
import { admin, draft, hostileText, normal, now, profile, viewer as reader } from './card-fixtures.ts';
import { certificate, discovery, found, oauthValues, searchedValues, trace } from './sign-in-fixtures.ts';

/** These tests read the sentences. */
const inEnglish = { ...reader, locale: 'en' };

const personal: DraftCardContext = {
  ...admin,
  personal: true,
  formUrl: 'https://mailroom.contoso.com/secrets/abc',
  certificate: null,
};
const searched = searchedValues(normal);
const file = oauthValues(normal, 'file');
const vault = oauthValues(normal, 'key-vault');
const show = (changes: Partial<ProfileDraft>, context = personal) => draftCard(draft(normal, changes), context);
const finding = (state: Partial<Discovery>) =>
  show({ step: 'finding', credential: 'confirmed', values: searched, discovery: discovery(normal, now, state) });
const inputsOf = (card: unknown): CardNode[] => nodesOf(card).filter(({ type }) => String(type).startsWith('Input.'));
const foundOn = (serverLocation: string) =>
  finding({
    state: 'found',
    found: { serverLocation, source: 'soap', host: 'autodiscover.contoso.com', foundAt: now },
  });

describe('the details of a profile', () => {
  it('leave to Mailroom what depends on a choice: with Autodiscover no address, with OAuth no account', () => {
    const required = inputsOf(show({}).card).filter(({ isRequired }) => isRequired === true);
    expect(required.map(({ id }) => id)).toEqual(['name', 'probeAddress']);
  });

  it('offer Autodiscover and the three ways to sign in, and say what is wrong right below each', () => {
    const errors = { autodiscover: 'profile.oauth-no-autodiscover', access: 'profile.oauth-needs-impersonation' };
    const { card } = show({ errors });
    const choices = Object.fromEntries(
      ofType(card, 'Input.ChoiceSet').map(({ id, choices }) => [id, (choices as CardNode[]).map(({ value }) => value)]),
    );
    expect(choices).toEqual({
      autodiscover: ['active', 'inactive'],
      authentication: ['basic', 'ntlm', 'oauth'],
      access: ['impersonation', 'delegate'],
    });
    const body = card.body as unknown as CardNode[];
    for (const field of Object.keys(errors))
      expect(body[body.findIndex(({ id }) => id === field) + 1]).toMatchObject({
        type: 'TextBlock',
        color: 'Attention',
      });
  });

  it('tell why the search before failed, until the address is typed', () => {
    const failed = discovery(normal, now, { state: 'failed', fault: { code: 'AutodiscoverNotFound', params: {} } });
    expect(textOf(show({ values: searched, discovery: failed }).card)).toContain('Autodiscover found no server');
    const typed: DraftValues = { ...searched, autodiscover: 'inactive', serverLocation: normal.location };
    expect(textOf(show({ values: typed, discovery: failed }).card)).not.toContain('Autodiscover found no server');
  });
});

describe('what is wrong with a value', () => {
  const rules = {
    checkServerLocation: () => 'server-location.invalid',
    checkVaultUrl: () => 'profile.vault-invalid',
    nameTaken: () => true,
    ntlmAllowed: false,
  };
  const nonsense = {
    ...emptyValues,
    name: 'n',
    serverLocation: 'x',
    userName: 'a:b',
    probeAddress: 'x',
    tenant: '/',
    clientId: 'x',
    resource: ' ',
    certificateSource: 'key-vault',
    vaultUrl: 'x',
    certificateName: '/',
    vaultClientId: 'x',
  } as const;
  const given: readonly DraftValues[] = [
    emptyValues,
    { ...emptyValues, certificateSource: 'key-vault' },
    nonsense,
    { ...nonsense, authentication: 'ntlm' },
    { ...nonsense, authentication: 'oauth', autodiscover: 'active', access: 'delegate' },
  ];

  it('has a sentence of its own that tells what to enter', () => {
    const codes = new Set(
      given.flatMap((values) => [
        ...Object.values(detailErrors(values, rules)),
        ...Object.values(modernAuthErrors(values, rules)),
      ]),
    );
    expect(codes.size).toBe(20);
    const texts = [...codes].map((code) => translate('en', `error.${code}`, { field: 'f', value: 'v' }));
    expect(new Set(texts).size).toBe(codes.size);
  });
});

describe('the card of the app', () => {
  it('keeps saying what the check found wrong with its values', () => {
    const fault = { code: 'KeyVaultSecretNotFound', params: {} } as const;
    const checks: Check[] = [{ name: 'token', fault, durationMs: 1, seen: {} }];
    const text = textOf(show({ step: 'modern-auth', values: vault, checks }).card);
    expect(text).toContain('The certificate is not in the vault');
    expect(text).toContain('Do what the box says');
  });

  it('names its inputs as the fields of the draft, and asks only for tenant and app in every case', () => {
    const inputs = inputsOf(show({ step: 'modern-auth', values: vault }).card);
    expect(inputs.map(({ id }) => id)).toEqual([
      'tenant',
      'clientId',
      'resource',
      'certificateSource',
      'vaultUrl',
      'certificateName',
      'vaultClientId',
    ]);
    expect(inputs.filter(({ isRequired }) => isRequired === true).map(({ id }) => id)).toEqual(['tenant', 'clientId']);
    expect(inputs.find(({ id }) => id === 'certificateSource')).toMatchObject({ value: 'key-vault' });
  });

  it('puts each message directly under its field, and where the value is found after it', () => {
    const { card } = show({ step: 'modern-auth', values: file, errors: { clientId: 'profile.client-id-invalid' } });
    const body = card.body as unknown as CardNode[];
    const at = body.findIndex(({ id }) => id === 'clientId');
    expect(body[at + 1]).toMatchObject({ color: 'Attention' });
    expect(body[at + 2]).toMatchObject({ text: expect.stringContaining('Application (client) ID') });
  });

  it('goes back whatever stands in the fields, and carries no secret', () => {
    const { card } = show({ step: 'modern-auth', values: file });
    const [onward, ...others] = ofType(card, 'Action.Execute');
    expect(onward).toMatchObject({ verb: 'profile.answer' });
    expect(others.map(({ associatedInputs }) => associatedInputs)).toEqual(['none', 'none']);
    expect(inputsOf(card).some(({ style }) => style === 'Password')).toBe(false);
  });
});

describe('the card of the secret', () => {
  const at = (values: DraftValues, changes: Partial<ProfileDraft> = {}) =>
    show({ step: 'credential', values, ...changes });
  const kinds = [
    ['password', searched, 'Enter the password'],
    ['certificate', file, 'Hand in the certificate'],
    ['client secret', vault, 'Enter the client secret'],
  ] as const;

  it.each(kinds)('asks for the %s, and says that it never goes into a chat', (word, values, button) => {
    const { card, summary } = at(values);
    expect(ofType(card, 'Action.OpenUrl')).toMatchObject([{ title: button }]);
    expect(textOf(card)).toMatch(new RegExp(`Never (write|put) the ${word}.* into a chat`));
    expect(summary).toContain(`The ${word} for`);
  });

  it.each(kinds)('asks for the code once the %s has arrived', (word, values) => {
    const { card } = at(values, { credential: 'parked' });
    expect(textOf(card)).toContain(`The ${word} has arrived`);
    expect(verbsOf(card)[0]).toBe('profile.confirm-code');
  });

  it('says where a password goes while its server is not known', () => {
    const text = textOf(at(searched).card);
    expect(text).toContain('only to contoso.com, autodiscover.contoso.com and');
    expect(text).toContain('needs your yes');
    expect(textOf(show({ step: 'credential' }).card)).not.toContain('autodiscover.contoso.com');
  });

  it('shows that Autodiscover refused the password', () => {
    const refused = discovery(normal, now, { state: 'failed', fault: { code: 'CredentialRefused', params: {} } });
    const text = textOf(at(searched, { credential: 'refused', discovery: refused }).card);
    expect(text).toContain('Exchange did not accept the password');
    expect(text).toContain(normal.account);
  });

  it('shows the app, not an account, for OAuth', () => {
    expect(textOf(at(file).card)).not.toContain('Service account');
    expect(textOf(at(file).card)).toContain(file.clientId);
    expect(textOf(at(vault).card)).toContain(vault.vaultClientId);
  });
});

describe('the card of the search', () => {
  it('has a sentence for everything that a step can come to', () => {
    // The fixture has a step of each kind: the cards that show it would throw for one without a sentence.
    expect(new Set(trace(normal, now).map(({ note }) => note.code))).toEqual(new Set(discoveryNotes));
  });

  it('waits while it runs, and can be left', () => {
    const { card } = show({ step: 'finding', values: searched, discovery: null });
    expect(verbsOf(card)).toEqual(['profile.back', 'profile.cancel']);
    expect(textOf(card)).toContain('Autodiscover of contoso.com');
  });

  it('asks about a host with its whole name, who would get what, and what each answer does', () => {
    // A name that begins like the own one, and says at its end whose it is.
    const host = `autodiscover.contoso.com.${`${'a'.repeat(50)}.`.repeat(4)}evil.example`;
    const { card, summary } = finding({ state: 'confirm-host', askedHost: host });
    expect(verbsOf(card)).toEqual(['profile.confirm-host', 'profile.decline-host', 'profile.back', 'profile.cancel']);
    const text = textOf(card);
    expect(text).toContain(
      `${host} answers for Autodiscover of contoso.com and asks for the password of ${normal.account}`,
    );
    expect(text).toMatch(/^Yes: .*No: the host gets nothing/m);
    expect(summary).toContain(host);
    // Neither answer is the one that a hasty hand takes.
    expect(ofType(card, 'Action.Execute').filter(({ style }) => style !== undefined)).toEqual([]);
  });

  it.each([
    ['autodiscover.contoso.com:8443', true],
    ['mail.contoso.com', true],
    ['evilcontoso.com', false],
    ['contoso.com.evil.example', false],
  ])('says of %s whether it belongs to the domain: %s', (host, belongs) => {
    const text = textOf(finding({ state: 'confirm-host', askedHost: host }).card);
    expect(text.includes('It does not belong to contoso.com')).toBe(!belongs);
    expect(text).toContain('so Mailroom has sent it nothing yet');
  });

  it('proposes the server with who named it, and for which host alone the secret will be', () => {
    const { card } = foundOn(normal.location);
    expect(verbsOf(card)).toEqual(['profile.use-server', 'profile.search-again', 'profile.back', 'profile.cancel']);
    const text = textOf(card);
    expect(text).toContain(normal.location);
    expect(text).toContain('autodiscover.contoso.com (SOAP)');
    expect(text).toContain('for mail.contoso.com only');
    expect(text).not.toContain('⚠');
  });

  it.each(['https://mail.evil.example/EWS/Exchange.asmx', 'https://evilcontoso.com/EWS/Exchange.asmx'])(
    'warns of a server outside the domain of the mailbox: %s',
    (location) => {
      expect(textOf(foundOn(location).card)).toContain('⚠ This server is not in contoso.com');
    },
  );

  it('says that a no ended it, and that another answer may be all it takes', () => {
    const fault = { code: 'AutodiscoverHostDeclined', params: { host: 'autodiscover.fabrikam.test' } } as const;
    const text = textOf(finding({ state: 'failed', fault }).card);
    expect(text).toContain('autodiscover.fabrikam.test answers as Autodiscover');
    expect(text).toContain('you said no');
    expect(text).toContain('choose Search again and then Yes');
  });

  it('says why it failed, with the next step, and how to type the address instead', () => {
    const { card, summary } = finding({
      state: 'failed',
      fault: { code: 'AutodiscoverNotFound', params: { host: 'autodiscover.contoso.com' } },
    });
    expect(verbsOf(card)).toEqual(['profile.search-again', 'profile.back', 'profile.cancel']);
    expect(textOf(card)).toContain('Resolve-DnsName autodiscover.contoso.com');
    expect(textOf(card)).toContain('set Autodiscover to Inactive');
    expect(summary).toContain('Autodiscover found no server');
  });

  it('keeps its steps behind a button: hidden until somebody wants them, one line each', () => {
    const { card } = finding({ state: 'failed', fault: { code: 'AutodiscoverNotFound', params: {} } });
    const [toggle] = ofType(card, 'Action.ToggleVisibility');
    expect(toggle).toMatchObject({
      title: `Show the ${trace(normal, now).length} steps of the search`,
      targetElements: ['steps'],
    });
    const steps = ofType(card, 'Container').find(({ id }) => id === 'steps');
    expect(steps).toMatchObject({ isVisible: false });
    const lines = textOf(steps).split('\n');
    expect(lines).toHaveLength(trace(normal, now).length);
    expect(lines).toContain(`✗ Looked for a redirect at ${normal.location}: The server did not answer in time`);
    expect(lines[0]).toBe(`→ Looked at ${normal.location}: wants a sign-in by ${normal.filter} (401)`);
  });

  it('has no such button where nothing was asked', () => {
    const { card } = finding({ state: 'failed', fault: { code: 'DeadlineExceeded', params: {} }, trace: [] });
    expect(ofType(card, 'Action.ToggleVisibility')).toEqual([]);
  });
});

describe('the longest trace of the worst texts', () => {
  const worst = [
    '理由が必要です。'.repeat(60),
    '👩‍👩‍👧‍👦'.repeat(60),
    '*'.repeat(400),
    `${hostileText} `.repeat(5),
    '\u202e'.repeat(300),
  ];
  const steps = (text: string): DiscoveryStep[] =>
    Array.from({ length: 500 }, () => ({
      at: now,
      url: text,
      what: 'http-redirect',
      status: 302,
      fault: null,
      note: { code: 'already-tried', params: { location: text } },
    }));
  const faces = (text: string) => {
    const values = { ...searched, name: text, userName: text.slice(0, 250) };
    const params = { host: text, location: text, account: text };
    const states: Partial<Discovery>[] = [
      { state: 'failed', fault: { code: 'AutodiscoverUrlRefused', params } },
      { state: 'confirm-host', askedHost: text },
      { state: 'found', found: { serverLocation: text, source: 'pox', host: text, foundAt: now } },
    ];
    return states.map((state) =>
      draftCard(
        draft(normal, { step: 'finding', values, discovery: discovery(normal, now, { ...state, trace: steps(text) }) }),
        personal,
      ),
    );
  };

  it('fits 20 KB beside the rest of the card, at most 40 lines and one that counts the others', () => {
    for (const text of worst) {
      for (const { card } of faces(text)) {
        expect(Buffer.byteLength(JSON.stringify(card))).toBeLessThan(20_480);
        expect(clientProblems(card)).toEqual([]);
        const lines = textOf(ofType(card, 'Container').find(({ id }) => id === 'steps')).split('\n');
        expect(lines.length).toBeLessThanOrEqual(41);
        expect(lines[0]).toBe(`${500 - (lines.length - 1)} earlier steps are left out`);
      }
    }
  });
});

describe('the checks', () => {
  const checking = (values: DraftValues, checks: Check[] = []) => show({ step: 'checking', values, checks });
  const noToken: Check[] = [
    { name: 'address', fault: null, durationMs: 1, seen: {} },
    { name: 'token', fault: { code: 'OAuthInvalidClient', params: {} }, durationMs: 1, seen: {} },
  ];

  it('have a line for the token with OAuth only, and name the app', () => {
    expect(textOf(checking(file).card)).toContain(`Get a token for the app ${file.clientId}`);
    expect(textOf(checking(file).card)).toContain(`Sign in as ${file.clientId}`);
    expect(textOf(checking(draft(normal).values).card)).not.toContain('token');
  });

  it('name the app that was refused: with a vault it may be the one that reads it', () => {
    const fault = {
      code: 'OAuthInvalidClient',
      params: { account: vault.vaultClientId, scheme: 'clientSecret' },
    } as const;
    const text = textOf(checking(vault, [{ name: 'token', fault, durationMs: 1, seen: {} }]).card);
    expect(text).toContain(`Failed step: Get a token for the app ${vault.vaultClientId}`);
    expect(text).toContain(`✗ Get a token for the app ${vault.vaultClientId}: failed`.slice(2));
    expect(text).toContain('make a new one under “Client secrets”');
    expect(text).not.toContain('thumbprint');
  });

  it('name the way in which the mailbox is opened', () => {
    const { values } = draft(normal);
    expect(textOf(checking(values).card)).toContain('with impersonation');
    const delegate = textOf(checking({ ...values, access: 'delegate' }).card);
    expect(delegate).toContain('with delegate access');
    expect(delegate).not.toMatch(/impersonation/i);
  });

  it('tell the tenant of a token and how long it lives', () => {
    const token: Check = {
      name: 'token',
      fault: null,
      durationMs: 1,
      seen: { tenant: 'contoso.com', app: file.clientId, expiresInMinutes: 59 },
    };
    expect(textOf(checking(file, [token]).card)).toContain('tenant contoso.com · valid for 59 minutes');
  });

  it.each([
    ['Hand in another certificate', file],
    ['Enter a new client secret', vault],
  ] as const)('offer "%s" where there was no token', (button, values) => {
    const { card } = checking(values, noToken);
    expect(verbsOf(card)).toEqual(['profile.check', 'profile.new-link', 'profile.back', 'profile.cancel']);
    expect(ofType(card, 'Action.Execute')[1]).toMatchObject({ title: button });
    expect(textOf(card)).toContain(values.clientId);
  });
});

describe('the review', () => {
  const review = (values: DraftValues, more: Partial<DraftCardContext> = {}, changes: Partial<ProfileDraft> = {}) =>
    show({ step: 'review', values, credential: 'confirmed', ...changes }, { ...personal, ...more });

  it('shows app, tenant and certificate, and that the key is set but not shown', () => {
    const text = textOf(review(file, { certificate: certificate(normal, now, 400) }).card);
    for (const part of [file.clientId, file.tenant, normal.person, '1F2E3D4C5B6A79887766554433221100AABBCCDD'])
      expect(text).toContain(part);
    expect(text).toMatch(/^Private key\nSet, not shown$/m);
    expect(text).not.toContain('Service account');
    expect(text).not.toContain('⚠');
  });

  it('shows the vault, the name in it and the app that reads it', () => {
    const text = textOf(review(vault).card);
    expect(text).toContain(`${vault.certificateName} in mail.contoso.com, read by the app ${vault.vaultClientId}`);
    expect(text).toMatch(/^Client secret\nSet, not shown$/m);
  });

  it('offers to hand in another certificate where this one ends soon', () => {
    const { card } = review(file, { certificate: certificate(normal, now, 3) });
    expect(textOf(card)).toContain('ends in 3 days');
    expect(verbsOf(card)).toEqual(['profile.save', 'profile.new-link', 'profile.advanced', 'profile.back']);
  });

  it('names the access that was tried', () => {
    const values: DraftValues = { ...draft(normal).values, access: 'delegate' };
    const text = textOf(review(values).card);
    expect(text).toMatch(/^Delegate access\n✓ Opened /m);
    expect(text).not.toMatch(/impersonation/i);
  });

  it('says who named the address, or that it was typed', () => {
    const values = { ...searched, serverLocation: normal.location };
    expect(textOf(review(values, {}, { discovery: found(normal, now) }).card)).toContain(
      `Active: named by ${normal.account} (POX)`,
    );
    expect(textOf(review(file).card)).toContain('Inactive: the address was typed');
  });

  it.each<[DraftStep, DraftValues, string]>([
    ['details', searched, 'Step 1 of 5'],
    ['credential', searched, 'Step 2 of 5'],
    ['finding', searched, 'Step 3 of 5'],
    ['checking', searched, 'Step 4 of 5'],
    ['review', searched, 'Step 5 of 5'],
    ['modern-auth', file, 'Step 2 of 5'],
    ['credential', file, 'Step 3 of 5'],
    ['review', draft(normal).values, 'Step 4 of 4'],
  ])('counts the steps that the values lead through: %s', (step, values, text) => {
    expect(textOf(show({ step, values }).card)).toContain(text);
  });

  it('counts them also where the state is a word', () => {
    const textWith = (changes: Partial<ProfileDraft>) => textOf(show({ values: file, ...changes }).card);
    expect(textWith({ step: 'credential', credential: 'parked' })).toContain('Step 3 of 5');
    expect(textWith({ step: 'credential', credential: 'refused' })).toContain('Step 3 of 5');
    expect(textWith({ step: 'details', errors: { name: 'profile.name-missing' } })).toContain('Step 1 of 5');
    expect(textWith({ step: 'modern-auth', errors: { tenant: 'profile.tenant-missing' } })).toContain('Step 2 of 5');
  });
});

describe('the card of a profile with OAuth or a found server', () => {
  const details: ProfileDetails = {
    mailboxCount: 3,
    isDefault: true,
    pollIntervalMs: null,
    credentialSetBy: normal.person,
    credentialSetAt: now,
    certificate: null,
  };
  const withApp = (values: DraftValues) => ({
    ...profile(normal),
    authenticationProtocol: 4 as const,
    credentialRetrieval: 6 as const,
    userName: '',
    modernAuthentication: modernAuthenticationOf(values),
  });

  it('shows the app instead of an account, and the certificate with its end', () => {
    const { card } = profileCard(withApp(file), { ...details, certificate: certificate(normal, now, 31) }, admin);
    const text = textOf(card);
    expect(text).toContain('Hybrid Modern Authentication (OAuth)');
    expect(text).toContain(file.clientId);
    expect(text).toContain('valid until {{DATE(');
    expect(text).not.toContain('Service account');
    expect(text).not.toContain('⚠');
    expect(JSON.stringify(card)).toContain('Edit or new certificate');
  });

  it.each([
    [30, '⚠ The certificate of the app ends in 30 days'],
    [0.5, '⚠ The certificate of the app ends in 1 day.'],
    [0, '⚠ The certificate of the app has ended'],
    [-2, '⚠ The certificate of the app has ended'],
  ])('warns of a certificate that ends in %s days', (days, warning) => {
    const { card } = profileCard(withApp(file), { ...details, certificate: certificate(normal, now, days) }, inEnglish);
    expect(textOf(card)).toContain(warning);
  });

  it('says who named its server and when, with the steps behind a button', () => {
    const autodiscover = {
      source: 'pox',
      host: 'autodiscover.contoso.com',
      foundAt: now,
      trace: trace(normal, now),
    } as const;
    const { card } = profileCard({ ...profile(normal), autodiscover }, details, inEnglish);
    expect(textOf(card)).toContain('Active: named by autodiscover.contoso.com (POX), {{DATE(');
    expect(ofType(card, 'Action.ToggleVisibility')).toHaveLength(1);
    expect(textOf(profileCard(profile(normal), details, inEnglish).card)).toContain('Inactive: the address was typed');
  });
});
