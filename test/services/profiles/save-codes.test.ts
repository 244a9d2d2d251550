import { describe, expect, it } from 'vitest';
import { translate } from '../../../locales/translate.ts';
import {
  detailErrors,
  emptyValues,
  modernAuthErrors,
  presentable,
  readDetails,
  readModernAuth,
} from '../../../services/model/draft-values.ts';
import { advancedErrors, readAdvanced } from '../../../services/model/draft-advanced.ts';
import type { DraftField } from '../../../services/model/draft.ts';
import type { DraftRules } from '../../../services/model/draft-reducer.ts';
import { platformCodes } from '../../../services/model/platform-code.ts';
import { parseAllowList } from '../../../services/exchange/address-guard.ts';
import { checkServerLocation } from '../../../services/exchange/server-location.ts';
import { good, goodApp, goodVault, rules as otherRules } from '../../model/draft-states.ts';

/** As the form judges, with the real rule for addresses. */
const rules: DraftRules = {
  ...otherRules,
  checkServerLocation: (url) => checkServerLocation(url, parseAllowList([])),
  ntlmAllowed: false,
};

/** Another server for outgoing, with what was typed as its address. */
function outgoing(address: string): Readonly<Record<string, string>> {
  return { useSameSettingsForOutgoing: 'false', outgoingServerLocation: address };
}

/** Every way to type a profile that the platform would refuse to save (dynamics facts §1.3), and its code there. */
const refusedByThePlatform: readonly (readonly [
  what: string,
  inputs: Readonly<Record<string, unknown>>,
  field: DraftField,
  code: string,
  platform: string,
])[] = [
  [
    'an address without SSL',
    { serverLocation: 'http://mail.contoso.test/EWS/Exchange.asmx' },
    'serverLocation',
    'server-location.not-https',
    '8005E201',
  ],
  [
    'the same on-premises',
    { serverLocation: 'HTTP://mail.contoso.test/EWS/Exchange.asmx' },
    'serverLocation',
    'server-location.not-https',
    '8005E234',
  ],
  [
    'http with SSL, incoming',
    { serverLocation: 'http://mail.contoso.test:443/EWS/Exchange.asmx' },
    'serverLocation',
    'server-location.not-https',
    '8005E240',
  ],
  [
    'http with SSL, outgoing',
    outgoing('http://send.contoso.test'),
    'outgoingServerLocation',
    'server-location.not-https',
    '8005E241',
  ],
  [
    'an outgoing address that is none',
    outgoing('send contoso'),
    'outgoingServerLocation',
    'server-location.invalid',
    '8005E20A',
  ],
  [
    'an outgoing address together with Autodiscover',
    { autodiscover: 'active', ...outgoing('https://send.contoso.test/EWS/Exchange.asmx') },
    'useSameSettingsForOutgoing',
    'profile.outgoing-with-autodiscover',
    '8005E205',
  ],
  [
    'Basic on a channel that is not secure',
    { authentication: 'basic', serverLocation: 'http://mail.contoso.test/EWS/Exchange.asmx' },
    'serverLocation',
    'server-location.not-https',
    '8005E23D',
  ],
  [
    'an address that is none',
    { serverLocation: 'mail contoso' },
    'serverLocation',
    'server-location.invalid',
    '8005E20A',
  ],
  [
    'NTLM while its switch is off',
    { authentication: 'ntlm' },
    'authentication',
    'profile.ntlm-not-allowed',
    '8005E23C',
  ],
  ['no account', { userName: ' ' }, 'userName', 'profile.user-missing', '8005E209'],
];

describe('a profile that the platform would not save', () => {
  it.each(refusedByThePlatform)('%s: refused beside its field', (_what, inputs, field, code, platform) => {
    const errors = detailErrors(readDetails(emptyValues, { ...good, ...inputs }), rules);
    expect(errors).toEqual({ [field]: code });
    expect(platformCodes[platform]?.meaning).toEqual({ kind: 'error', code });
    expect(translate('en', `error.${code}`).length).toBeGreaterThan(20);
  });

  it('misses none of the codes that the form can meet', () => {
    const met = new Set(refusedByThePlatform.map(([, , , , platform]) => platform));
    const ofProfiles = Object.entries(platformCodes).filter(([, { meaning }]) => meaning.kind === 'error');
    expect(ofProfiles.map(([hex]) => hex).filter((hex) => !met.has(hex))).toEqual([]);
  });

  it.each([
    ['location together with Autodiscover', { autodiscover: 'active', serverLocation: 'http://forged' }],
    ['anonymous sign-in', { authentication: 'anonymous' }],
    ['a credential retrieval of somebody else', { credentialRetrieval: '4', incomingusessl: '0', servertype: '1' }],
  ])('%s cannot be typed at all: the form has no such value', (_what, inputs) => {
    const values = readDetails({ ...emptyValues, serverLocation: '' }, { ...good, ...inputs });
    expect(detailErrors(values, rules)).toEqual({});
    expect(values.serverLocation).not.toContain('forged');
    expect(['basic', 'ntlm', 'oauth']).toContain(values.authentication);
    expect(Object.keys(values).toSorted()).toEqual(Object.keys(emptyValues).toSorted());
  });
});

/** The fields of the form: valid, at the boundary, and each kind of wrong value. */
const fields: readonly (readonly [field: DraftField, typed: string, code: string | null])[] = [
  ['name', 'n'.repeat(100), null],
  ['name', 'n'.repeat(101), 'profile.name-too-long'],
  ['name', '  ', 'profile.name-missing'],
  ['name', 'Taken', 'profile.name-taken'],
  ['name', 'a\u202eb', 'profile.name-invalid'],
  ['userName', 'u'.repeat(250), null],
  ['userName', 'u'.repeat(251), 'profile.user-too-long'],
  ['serverLocation', '', 'profile.location-missing'],
  ['serverLocation', 'https://mail.contoso.test:444/EWS/Exchange.asmx', null],
  ['serverLocation', 'https://mail.contoso.test:25/EWS/Exchange.asmx', 'server-location.port'],
  ['serverLocation', `https://mail.contoso.test/${'x'.repeat(2058)}`, null],
  ['serverLocation', `https://mail.contoso.test/${'x'.repeat(2059)}`, 'server-location.too-long'],
  ['serverLocation', 'https://svc:secret@mail.contoso.test/EWS/Exchange.asmx', 'server-location.credentials'],
  ['serverLocation', 'https://mail.contoso.test/EWS/Exchange.asmx?x', 'server-location.query'],
  ['serverLocation', 'https://127.0.0.1/EWS/Exchange.asmx', 'server-location.loopback'],
  ['serverLocation', 'https://169.254.169.254/EWS/Exchange.asmx', 'server-location.link-local'],
  ['probeAddress', '', 'profile.probe-missing'],
  ['probeAddress', 'nobody', 'profile.probe-invalid'],
];

it.each(fields)('%s %j: %s', (field, typed, code) => {
  const values = readDetails(emptyValues, { ...good, [field]: typed });
  expect(detailErrors(values, rules)).toEqual(code === null ? {} : { [field]: code });
  if (code === null) expect(values[field]).toBe(typed);
});

it.each([
  ['', 'profile.outgoing-missing'],
  ['https://send.contoso.test:444/EWS/Exchange.asmx', null],
  ['https://send.contoso.test:25/EWS/Exchange.asmx', 'server-location.port'],
  [`https://send.contoso.test/${'x'.repeat(2058)}`, null],
  [`https://send.contoso.test/${'x'.repeat(2059)}`, 'server-location.too-long'],
  ['https://svc:secret@send.contoso.test/EWS/Exchange.asmx', 'server-location.credentials'],
  ['https://send.contoso.test/EWS/Exchange.asmx#x', 'server-location.query'],
  ['https://127.0.0.1/EWS/Exchange.asmx', 'server-location.loopback'],
  ['https://169.254.169.254/EWS/Exchange.asmx', 'server-location.link-local'],
])('the outgoing address %j: %s', (typed, code) => {
  const values = readDetails(emptyValues, { ...good, ...outgoing(typed) });
  expect(detailErrors(values, rules)).toEqual(code === null ? {} : { outgoingServerLocation: code });
  if (code === null) expect(values.outgoingServerLocation).toBe(typed);
});

it('a typed outgoing address is not read with the same settings, and comes back with no toggle but its own', () => {
  const typed = { outgoingServerLocation: 'https://127.0.0.1/forged' };
  for (const useSameSettingsForOutgoing of ['true', true]) {
    const values = readDetails(emptyValues, { ...good, ...typed, useSameSettingsForOutgoing });
    expect(values).toMatchObject({ useSameSettingsForOutgoing: true, outgoingServerLocation: '' });
    expect(detailErrors(values, rules)).toEqual({});
  }
  // A client that sends no toggle leaves it as it was.
  expect(readDetails(emptyValues, { ...good, ...typed }).outgoingServerLocation).toBe('');
  const apart = readDetails(emptyValues, { ...good, ...outgoing('https://send.contoso.test/') });
  expect(readDetails(apart, { ...good }).outgoingServerLocation).toBe('https://send.contoso.test/');
});

it.each(['active', 'inactive'])(
  'a password typed into the outgoing address is not kept (Autodiscover %s)',
  (autodiscover) => {
    const values = readDetails(emptyValues, {
      ...good,
      autodiscover,
      ...outgoing('https://svc:Sync!Pass1@send.test/EWS'),
    });
    const kept = presentable(values, detailErrors(values, rules));
    expect(kept.outgoingServerLocation).toBe('https://send.test/EWS');
  },
);

const numbers = [
  ['minPollingIntervalMinutes', 0, 1440, 'profile.polling-invalid'],
  ['maxConcurrentConnections', 1, 300, 'profile.connections-invalid'],
  ['timeoutMailboxConnectionAfterAmount', 0, 100_000, 'profile.timeout-invalid'],
] as const;

it.each(numbers)('%s: from %i to %i, else %s', (field, least, most, code) => {
  const errorsOf = (typed: unknown) => advancedErrors(readAdvanced(emptyValues, { [field]: typed }));
  for (const typed of [least, most]) expect(errorsOf(String(typed))).toEqual({});
  for (const typed of [least - 1, most + 1, '1.5', '1e2', 'ten', '0x1'])
    expect(errorsOf(String(typed)), String(typed)).toEqual({ [field]: code });
});

it.each([
  ['tenant', '', 'profile.tenant-missing'],
  ['tenant', 'not a tenant', 'profile.tenant-invalid'],
  ['clientId', '', 'profile.client-id-missing'],
  ['clientId', '123', 'profile.client-id-invalid'],
  ['resource', 'ftp://x y', 'profile.resource-invalid'],
  ['vaultUrl', '', 'profile.vault-missing'],
  ['vaultUrl', 'https://evil.test', 'profile.vault-invalid'],
  ['certificateName', '', 'profile.certificate-name-missing'],
  ['certificateName', '../x', 'profile.certificate-name-invalid'],
] as const)('the app: %s %j: %s', (field, typed, code) => {
  const values = readModernAuth(
    { ...emptyValues, authentication: 'oauth' },
    { ...goodApp, ...goodVault, [field]: typed },
  );
  expect(modernAuthErrors(values, rules)).toEqual({ [field]: code });
});
