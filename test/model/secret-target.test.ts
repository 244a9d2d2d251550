import { describe, expect, it } from 'vitest';
import { emptyValues } from '../../services/model/draft-values.ts';
import type { DraftValues } from '../../services/model/draft.ts';
import type { EmailServerProfile } from '../../services/model/profile.ts';
import { locationFor, serversOf } from '../../services/model/profile.ts';
import {
  hostsOf,
  isSameTarget,
  modernAuthenticationOf,
  outgoingHostOf,
  secretTargetOfDraft,
  secretTargetOfProfile,
} from '../../services/model/secret-target.ts';
import { bindingText } from '../../services/secrets/credential-access.ts';
import { savedProfile } from '../support/saved-profile.ts';
import { goodApp, goodVault } from './draft-states.ts';

const incoming = 'https://mail.contoso.test/EWS/Exchange.asmx';
const outgoing = 'https://send.contoso.test:8443/EWS/Exchange.asmx';
const one: DraftValues = {
  ...emptyValues,
  serverLocation: incoming,
  userName: 'svc@contoso.test',
  probeAddress: 'user1@contoso.test',
};
const two: DraftValues = { ...one, useSameSettingsForOutgoing: false, outgoingServerLocation: outgoing };

const ways: readonly (readonly [what: string, Partial<DraftValues>])[] = [
  ['Basic', {}],
  ['NTLM', { authentication: 'ntlm' }],
  ['a certificate', { ...goodApp, authentication: 'oauth', certificateSource: 'file' }],
  ['a vault', { ...goodApp, ...goodVault, authentication: 'oauth', certificateSource: 'key-vault' }],
];

/** The profile that a draft with these values would become. */
function profileOf(values: DraftValues): EmailServerProfile {
  const isOAuth = values.authentication === 'oauth';
  return {
    ...savedProfile('main', 'p1', 'ada'),
    serverLocation: values.serverLocation,
    outgoingServerLocation: values.useSameSettingsForOutgoing ? null : values.outgoingServerLocation,
    authenticationProtocol: ({ ntlm: 2, basic: 3, oauth: 4 } as const)[values.authentication],
    userName: isOAuth ? '' : values.userName,
    modernAuthentication: isOAuth ? modernAuthenticationOf(values) : null,
  };
}

describe.each(ways)('a secret for %s', (_what, way) => {
  const single = secretTargetOfDraft({ ...one, ...way });
  const both = secretTargetOfDraft({ ...two, ...way });

  it('is for each host that gets it, and for no other', () => {
    expect(hostsOf(single)).toEqual(['mail.contoso.test']);
    expect(outgoingHostOf(single)).toBeNull();
    expect(hostsOf(both)).toEqual(['mail.contoso.test', 'send.contoso.test:8443']);
  });

  it('is another one when either host changes, appears or goes', () => {
    const others = [
      { ...two, ...way, outgoingServerLocation: 'https://evil.test/EWS/Exchange.asmx' },
      { ...two, ...way, outgoingServerLocation: 'https://send.contoso.test/EWS/Exchange.asmx' },
      { ...two, ...way, serverLocation: 'https://evil.test/EWS/Exchange.asmx' },
      // What is sent and what is received change places.
      { ...two, ...way, serverLocation: outgoing, outgoingServerLocation: incoming },
      { ...one, ...way },
    ];
    const texts = [both, ...others.map(secretTargetOfDraft)].map((target) =>
      bindingText({ ...target, ownerRecord: 'main/p1' }),
    );
    for (const other of others) expect(isSameTarget(both, secretTargetOfDraft(other))).toBe(false);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('stays good for another path at the same hosts, in capitals or with the usual port', () => {
    for (const outgoingServerLocation of ['https://SEND.contoso.test:8443/other', outgoing.toUpperCase()])
      expect(isSameTarget(both, secretTargetOfDraft({ ...two, ...way, outgoingServerLocation }))).toBe(true);
    const sameHost = { ...two, ...way, outgoingServerLocation: 'https://MAIL.contoso.test:443/other' };
    expect(secretTargetOfDraft(sameHost)).toEqual(single);
  });

  it('is the same of a draft and of the profile that it becomes', () => {
    for (const values of [one, two])
      expect(secretTargetOfProfile(profileOf({ ...values, ...way }))).toEqual(
        secretTargetOfDraft({ ...values, ...way }),
      );
  });
});

it('no resource can be read as the outgoing host of a token', () => {
  const values: DraftValues = {
    ...one,
    ...goodApp,
    authentication: 'oauth',
    certificateSource: 'file',
    resource: outgoing,
  };
  expect(outgoingHostOf(secretTargetOfDraft(values))).toBeNull();
});

describe('the servers of a profile', () => {
  it('are one for all directions, or the incoming and then the outgoing one', () => {
    expect(serversOf({ serverLocation: incoming, outgoingServerLocation: null })).toEqual([
      { serverLocation: incoming, directions: ['incoming', 'outgoing', 'act'] },
    ]);
    expect(serversOf({ serverLocation: incoming, outgoingServerLocation: incoming })).toHaveLength(1);
    const profile = { serverLocation: incoming, outgoingServerLocation: outgoing };
    expect(serversOf(profile)).toEqual([
      { serverLocation: incoming, directions: ['incoming', 'act'] },
      { serverLocation: outgoing, directions: ['outgoing'] },
    ]);
    expect(locationFor(profile, 'act')).toBe(incoming);
    expect(locationFor(profile, 'outgoing')).toBe(outgoing);
  });
});
