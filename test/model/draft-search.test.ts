import { describe, expect, it } from 'vitest';
import { reduceDraft } from '../../services/model/draft-reducer.ts';
import { searchedDomain, secretTargetOfDraft } from '../../services/model/secret-target.ts';
import {
  after,
  askedBy,
  details,
  found,
  foundAt,
  foundLocation,
  foundReview,
  fresh,
  hostAsks,
  notFound,
  refusedSearch,
  rules,
  searchedDetails,
  searchFailed,
  searching,
  withSecret,
} from './draft-states.ts';

const back = { kind: 'back' } as const;
const agree = { kind: 'judge-host', agrees: true } as const;
const decline = { kind: 'judge-host', agrees: false } as const;
const useServer = { kind: 'use-server' } as const;
const searchAgain = { kind: 'search-again' } as const;

describe('the search for a server', () => {
  it('needs no address, and reads none that was sent beside it', () => {
    const { values, errors } = after(fresh, searchedDetails({ serverLocation: 'https://evil.test/' }));
    expect(errors).toEqual({});
    expect(values).toMatchObject({ autodiscover: 'active', serverLocation: '' });
  });

  it('has a secret for the domain of the mailbox whose server is sought, and for no server', () => {
    expect(secretTargetOfDraft(searching.values)).toEqual({
      host: 'autodiscover:contoso.test',
      account: 'svc@contoso.test',
      scheme: 'basic',
      parties: [],
    });
    expect(searchedDomain('autodiscover:contoso.test')).toBe('contoso.test');
    expect(searchedDomain('autodiscover:8443')).toBeNull();
  });

  it('keeps the trace of a search that came to nothing, and begins anew without it', () => {
    expect(searchFailed.discovery).toMatchObject({ state: 'failed', fault: { code: 'AutodiscoverNotFound' } });
    expect(after(searchFailed, searchAgain).discovery).toMatchObject({ state: 'searching', fault: null, trace: [] });
  });

  it('remembers who may have the password and who may not, for as long as it is this password', () => {
    const judged = after(hostAsks, agree, askedBy('other.test'), decline);
    const hosts = { confirmedHosts: ['autodiscover.partner.test'], declinedHosts: ['other.test'] };
    expect(judged.discovery).toMatchObject({ state: 'searching', askedHost: null, ...hosts });
    expect(withSecret(after(judged, { kind: 'new-link' }), 'k2').discovery).toMatchObject({
      state: 'searching',
      confirmedHosts: [],
      declinedHosts: [],
    });
  });

  it('asks anew about every host when the person went back to the details', () => {
    const { discovery } = after(hostAsks, agree, back, searchedDetails());
    expect(discovery).toMatchObject({ state: 'searching', confirmedHosts: [], declinedHosts: [] });
  });

  it('asks again about a host that was declined when the person wants another search', () => {
    const { discovery } = after(hostAsks, decline, notFound, searchAgain);
    expect(discovery).toMatchObject({ confirmedHosts: [], declinedHosts: [] });
    const agreed = after(hostAsks, agree, notFound, searchAgain);
    expect(agreed.discovery).toMatchObject({ confirmedHosts: ['autodiscover.partner.test'] });
  });

  it('tries a refused password once: only a new one leads on, and nobody has a word for it yet (law 6)', () => {
    const refused = after(hostAsks, agree, refusedSearch);
    expect(refused).toMatchObject({
      step: 'credential',
      credential: 'refused',
      credentialId: null,
      discovery: { state: 'failed', confirmedHosts: [], declinedHosts: [] },
    });
    for (const answer of [searchAgain, agree, useServer, foundAt(), { kind: 'check-again' } as const])
      expect(reduceDraft(refused, answer, rules).draft).toBe(refused);
    expect(withSecret(refused, 'k2')).toMatchObject({ step: 'finding', credentialId: 'k2' });
  });

  it('asks for a new password when the stored one cannot be opened', () => {
    const fault = { code: 'CredentialMissing', params: {} } as const;
    const gone = reduceDraft(searching, { kind: 'searched', report: { kind: 'fault', fault, trace: [] } }, rules);
    expect(gone).toMatchObject({ effect: 'ask-secret', draft: { step: 'credential', credential: 'none' } });
  });

  it('drops a result that comes after the person went back, and searches anew from there', () => {
    const gone = after(searching, back);
    for (const late of [foundAt(), notFound, askedBy('evil.test')])
      expect(reduceDraft(gone, late, rules).draft).toBe(gone);
    expect(reduceDraft(gone, searchedDetails(), rules)).toMatchObject({
      effect: 'find-server',
      draft: { credentialId: 'k1', discovery: { state: 'searching' } },
    });
  });

  it('asks for a new password for the search in another domain, and not for one in the same (law 3)', () => {
    const gone = after(found, back);
    expect(reduceDraft(gone, searchedDetails({ probeAddress: 'other@contoso.test' }), rules)).toMatchObject({
      effect: 'find-server',
      draft: { credentialId: 'k1' },
    });
    for (const change of [
      { probeAddress: 'user1@fabrikam.test' },
      { userName: 'other@contoso.test' },
      { authentication: 'ntlm' },
    ])
      expect(reduceDraft(gone, searchedDetails(change), rules)).toMatchObject({
        effect: 'ask-secret',
        draft: { credential: 'none', credentialId: null, discovery: null },
      });
  });
});

describe('the server that was found', () => {
  it('is checked with the secret for it alone once it was accepted', () => {
    const accepted = reduceDraft(found, useServer, rules);
    expect(accepted).toMatchObject({
      effect: 'use-server',
      draft: { step: 'checking', credentialId: 'k1', values: { serverLocation: foundLocation } },
    });
    expect(secretTargetOfDraft(accepted.draft.values).host).toBe('mail.contoso.test');
    expect(foundReview.discovery).toMatchObject({ state: 'found', found: { host: 'autodiscover.contoso.test' } });
  });

  it.each(['http://mail.contoso.test/EWS/Exchange.asmx', 'file:///etc/passwd', ''])(
    'gets nothing when Mailroom may not connect to %s',
    (location) => {
      const { draft, effect } = reduceDraft(after(searching, foundAt(location)), useServer, rules);
      expect(effect).toBe('none');
      expect(draft).toMatchObject({
        step: 'finding',
        values: { serverLocation: '' },
        discovery: { state: 'failed', found: null, fault: { code: 'AutodiscoverUrlRefused', params: { location } } },
      });
      expect(reduceDraft(draft, useServer, rules).draft).toBe(draft);
    },
  );

  it('stays for another mailbox of the domain, and is sought anew for one of another', () => {
    const gone = after(foundReview, back);
    expect(after(gone, searchedDetails({ probeAddress: 'other@contoso.test' }))).toMatchObject({
      step: 'checking',
      credentialId: 'k1',
      values: { serverLocation: foundLocation },
    });
    const elsewhere = after(gone, searchedDetails({ probeAddress: 'user1@fabrikam.test' }));
    expect(elsewhere).toMatchObject({ step: 'credential', credentialId: null, values: { serverLocation: '' } });
    // Back in the first domain nothing of it is left.
    const again = after(elsewhere, back, searchedDetails());
    expect(again).toMatchObject({ step: 'credential', credentialId: null, values: { serverLocation: '' } });
  });

  it('may be typed instead: the secret stays while it is the same host, and is dropped for any other (law 3)', () => {
    const gone = after(foundReview, back);
    expect(reduceDraft(gone, details({ serverLocation: foundLocation }), rules)).toMatchObject({
      effect: 'start-check',
      draft: { credentialId: 'k1', values: { autodiscover: 'inactive' } },
    });
    expect(reduceDraft(gone, details({ serverLocation: 'https://evil.test/EWS' }), rules)).toMatchObject({
      effect: 'ask-secret',
      draft: { credentialId: null },
    });
  });

  it('is sought anew when Autodiscover is switched on again: a typed address is no found one', () => {
    const typed = after(foundReview, back, details(), back);
    expect(typed.credentialId).toBe('k1');
    expect(reduceDraft(typed, searchedDetails(), rules)).toMatchObject({
      effect: 'ask-secret',
      draft: { credentialId: null, discovery: null, values: { serverLocation: '' } },
    });
  });

  it('is not asked for again with a new password for it', () => {
    const renewed = after(foundReview, { kind: 'new-link' });
    expect(secretTargetOfDraft(renewed.values).host).toBe('mail.contoso.test');
    expect(withSecret(renewed, 'k2')).toMatchObject({ step: 'checking', credentialId: 'k2' });
  });
});
