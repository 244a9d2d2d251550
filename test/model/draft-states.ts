import type { DiscoveryReport } from '../../services/model/discovery.ts';
import { emptyValues } from '../../services/model/draft-values.ts';
import type { Check, ProfileDraft } from '../../services/model/draft.ts';
import { reduceDraft, type DraftAnswer, type DraftRules } from '../../services/model/draft-reducer.ts';
import { identifyServer } from '../../services/model/profile.ts';

export const rules: DraftRules = {
  checkServerLocation: (url) => (url.startsWith('https://') ? null : 'server-location.not-https'),
  checkVaultUrl: (url) => (/^https:\/\/[\w-]+\.vault\.azure\.net$/.test(url) ? null : 'profile.vault-invalid'),
  nameTaken: (name) => name.toLowerCase() === 'taken',
  ntlmAllowed: true,
};

/** The first card, filled in well. */
export const good = {
  name: 'Contoso',
  isDefault: 'true',
  autodiscover: 'inactive',
  authentication: 'basic',
  access: 'impersonation',
  serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
  userName: 'svc@contoso.test',
  probeAddress: 'User1@Contoso.test',
};
/** The second one, for OAuth. */
export const goodApp = {
  tenant: 'contoso.test',
  clientId: '22222222-2222-4222-8222-222222222222',
  resource: '',
  certificateSource: 'file',
};
export const goodVault = {
  certificateSource: 'key-vault',
  vaultUrl: 'https://contoso-hma.vault.azure.net',
  certificateName: 'hma',
  vaultClientId: '33333333-3333-4333-8333-333333333333',
};

export const details = (changes: Record<string, unknown> = {}): DraftAnswer => ({
  kind: 'values',
  inputs: { ...good, ...changes },
});
export const app = (changes: Record<string, unknown> = {}): DraftAnswer => ({
  kind: 'values',
  inputs: { ...goodApp, ...changes },
});
export const searchedDetails = (changes: Record<string, unknown> = {}): DraftAnswer =>
  details({ autodiscover: 'active', serverLocation: '', ...changes });
export const oauthDetails = (changes: Record<string, unknown> = {}): DraftAnswer =>
  details({ authentication: 'oauth', userName: '', ...changes });

export const check = (name: Check['name'], fault: Check['fault'] = null): Check => ({
  name,
  fault,
  seen: {},
  durationMs: 1,
});
export const refused = { code: 'CredentialRefused', params: {} } as const;
export const unreachable = { code: 'ConnectionTimedOut', params: {} } as const;
export const wellChecked: DraftAnswer = {
  kind: 'checked',
  checks: [check('address')],
  server: identifyServer('15.2.1118.7'),
  fault: null,
};
export const failed: DraftAnswer = {
  kind: 'checked',
  checks: [check('connect', unreachable)],
  server: null,
  fault: unreachable,
};
export const refusedCheck: Extract<DraftAnswer, { kind: 'checked' }> = {
  kind: 'checked',
  checks: [check('authentication', refused)],
  server: null,
  fault: refused,
};

const searched = (report: DiscoveryReport): DraftAnswer => ({ kind: 'searched', report });
export const foundLocation = 'https://mail.contoso.test/EWS/Exchange.asmx';
/** A search that found an address; who named it is of no weight here. */
export const foundAt = (serverLocation = foundLocation): DraftAnswer =>
  searched({
    kind: 'found',
    found: { serverLocation, source: 'soap', host: 'autodiscover.contoso.test', foundAt: 7 },
    trace: [],
  });
export const askedBy = (host: string): DraftAnswer => searched({ kind: 'confirm-host', host, trace: [] });
export const notFound: DraftAnswer = searched({
  kind: 'fault',
  fault: { code: 'AutodiscoverNotFound', params: {} },
  trace: [],
});
export const refusedSearch: DraftAnswer = searched({ kind: 'fault', fault: refused, trace: [] });

export const fresh: ProfileDraft = {
  environmentId: 'main',
  id: 'd1',
  ownerId: 'ada',
  ownerName: 'Ada',
  ownerTenantId: 't',
  conversationId: 'c',
  step: 'details',
  values: emptyValues,
  errors: {},
  secretRequestId: null,
  credential: 'none',
  credentialId: null,
  discovery: null,
  checks: [],
  server: null,
  editsProfileId: null,
  copiesProfileId: null,
  advancedBefore: null,
  sharedWith: 0,
  profileId: null,
  createdAt: 0,
  expiresAt: 1,
  revision: 1,
};

/** What the form does when a secret is posted. */
export const park = (draft: ProfileDraft): ProfileDraft => ({
  ...draft,
  credential: 'parked',
  revision: draft.revision + 1,
});
export const after = (draft: ProfileDraft, ...answers: readonly DraftAnswer[]): ProfileDraft =>
  answers.reduce((current, answer) => reduceDraft(current, answer, rules).draft, draft);
/** A secret handed in and confirmed. */
export const withSecret = (draft: ProfileDraft, credentialId = 'k1'): ProfileDraft =>
  after(park(draft), { kind: 'confirmed', credentialId });

export const asked = after(fresh, details());
export const parked = park(asked);
export const checking = withSecret(asked);
export const review = after(checking, wellChecked);

export const atApp = after(fresh, oauthDetails());
export const checkingApp = withSecret(after(atApp, app()));

export const searching = withSecret(after(fresh, searchedDetails()));
export const hostAsks = after(searching, askedBy('autodiscover.partner.test'));
export const found = after(searching, foundAt());
export const searchFailed = after(searching, notFound);
/** The server that was found is accepted, and its check goes well. */
export const foundReview = after(found, { kind: 'use-server' }, wellChecked);
