import { newSearch, type Discovery, type DiscoveryStep } from '../../services/model/discovery.ts';
import { emptyValues } from '../../services/model/draft-values.ts';
import type { DraftValues } from '../../services/model/draft.ts';
import type { CertificateFacts } from '../../services/model/secret-request.ts';
import type { Words } from './card-fixtures.ts';

// Drafts that search their server or sign in by OAuth, with words of every temper where people or servers write.

const day = 24 * 60 * 60 * 1000;
const appId = '4d1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b';

/** A search as a server of that temper leaves it: of three steps, or of more than a card can show. */
export function trace(words: Words, at: number): DiscoveryStep[] {
  const texts = { host: words.account, location: words.location, address: words.address(0), schemes: words.filter };
  const steps: DiscoveryStep[] = [
    { at, url: words.location, what: 'probe', status: 401, fault: null, note: { code: 'challenged', params: texts } },
    { at, url: words.location, what: 'pox', status: 302, fault: null, note: { code: 'redirected', params: texts } },
    {
      at,
      url: words.location,
      what: 'soap',
      status: 200,
      fault: null,
      note: { code: 'redirected-address', params: texts },
    },
    {
      at,
      url: words.location,
      what: 'probe',
      status: 302,
      fault: null,
      note: { code: 'already-tried', params: texts },
    },
    { at, url: words.location, what: 'probe', status: 405, fault: null, note: { code: 'asked-again', params: {} } },
    { at, url: words.account, what: 'srv', status: null, fault: null, note: { code: 'records', params: { count: 0 } } },
    {
      at,
      url: words.account,
      what: 'srv',
      status: null,
      fault: null,
      note: { code: 'records', params: { ...texts, count: 3 } },
    },
    { at, url: words.location, what: 'probe', status: 401, fault: null, note: { code: 'declined', params: texts } },
    {
      at,
      url: words.location,
      what: 'probe',
      status: 401,
      fault: null,
      note: { code: 'confirmation-needed', params: texts },
    },
    {
      at,
      url: words.location,
      what: 'http-redirect',
      status: null,
      fault: { code: 'ConnectionTimedOut', params: { host: words.account } },
      note: { code: 'failed', params: {} },
    },
    { at, url: words.location, what: 'soap', status: 200, fault: null, note: { code: 'found', params: texts } },
  ];
  return Array.from({ length: words.many ? 10 : 1 }, () => steps).flat();
}

export function discovery(words: Words, at: number, changes: Partial<Discovery> = {}): Discovery {
  return { ...newSearch, trace: trace(words, at), ...changes };
}

/** The search came to a server; its host is somebody else's domain, as with a hoster. */
export const found = (words: Words, at: number): Discovery =>
  discovery(words, at, {
    state: 'found',
    found: { serverLocation: words.location, source: 'pox', host: words.account, foundAt: at },
  });

export function searchedValues(words: Words): DraftValues {
  return {
    ...emptyValues,
    name: words.profile,
    autodiscover: 'active',
    userName: words.account,
    probeAddress: words.address(0),
  };
}

export function oauthValues(words: Words, certificateSource: DraftValues['certificateSource']): DraftValues {
  return {
    ...emptyValues,
    name: words.profile,
    serverLocation: words.location,
    authentication: 'oauth',
    probeAddress: words.address(0),
    tenant: words.account,
    clientId: appId,
    resource: words.location,
    certificateSource,
    vaultUrl: words.location,
    certificateName: words.owner,
    vaultClientId: appId,
  };
}

/** A certificate that ends in so many days. */
export const certificate = (words: Words, at: number, days: number): CertificateFacts => ({
  subject: words.person,
  thumbprint: '1F2E3D4C5B6A79887766554433221100AABBCCDD',
  notAfter: at + days * day,
});
