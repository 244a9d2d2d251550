import type { CardContext, CardView } from '../../cards/card-context.ts';
import { cancelRunCard } from '../../cards/cancel-run-card.ts';
import { confirmCard } from '../../cards/confirm-card.ts';
import { draftCard, type DraftCardContext } from '../../cards/draft-card.ts';
import { helpCard } from '../../cards/help-card.ts';
import { languageCard } from '../../cards/language-card.ts';
import { importCard } from '../../cards/import-card.ts';
import { incidentCard } from '../../cards/incident-card.ts';
import { mailboxCard } from '../../cards/mailbox-card.ts';
import { mailboxesCard, type MailboxTable } from '../../cards/mailboxes-card.ts';
import { profileCard } from '../../cards/profile-card.ts';
import { profileChangeCard } from '../../cards/profile-change-card.ts';
import { profilesCard } from '../../cards/profiles-card.ts';
import { runCard } from '../../cards/run-card.ts';
import { runsCard } from '../../cards/runs-card.ts';
import { historyCard, type TrailState } from '../../cards/history-card.ts';
import { roleChangeCard } from '../../cards/role-change-card.ts';
import { rolesCard } from '../../cards/roles-card.ts';
import { settingsProposalCard } from '../../cards/settings-proposal-card.ts';
import { settingsAtFirst, settingsCard, type SettingsCardState } from '../../cards/settings-card.ts';
import { settingsReviewCard } from '../../cards/settings-review-card.ts';
import { alarmCauseIdOf, serverCauseIdOf, type Incident } from '../../services/model/alert.ts';
import { notHandled, type IncidentHandling } from '../../services/model/incident-handling.ts';
import type { ApprovalRequest } from '../../services/model/approval-request.ts';
import { advancedSettings } from '../../services/model/draft-advanced.ts';
import { emptyValues } from '../../services/model/draft-values.ts';
import type { Check, ProfileDraft } from '../../services/model/draft.ts';
import { newSearch } from '../../services/model/discovery.ts';
import { alertLevels } from '../../services/model/alert-levels.ts';
import { initialEmailSettings, type EmailSettings, type Environment } from '../../services/model/environment.ts';
import type { Fault } from '../../services/model/fault.ts';
import { faultCatalogue, type FaultCode } from '../../services/model/fault-catalogue.ts';
import type { ImportBatch, ImportRow } from '../../services/model/import-batch.ts';
import {
  directions,
  newMailbox,
  type Direction,
  type DirectionState,
  type LastTest,
  type Mailbox,
} from '../../services/model/mailbox.ts';
import { formatFilter, parseFilter } from '../../services/model/filter.ts';
import type { MailboxView } from '../../services/model/mailbox-view.ts';
import { identifyServer, type EmailServerProfile } from '../../services/model/profile.ts';
import { roles as allRoles, type RoleAssignment } from '../../services/model/access.ts';
import { auditEntry, auditEventKinds } from '../../services/model/audit.ts';
import type { RoleChange } from '../../services/model/role-change.ts';
import type { SettingsDraft } from '../../services/model/settings-draft.ts';
import type { SettingsEffect } from '../../services/model/settings-effect.ts';
import { formSections } from '../../services/model/settings-section.ts';
import type { SettingsProposal } from '../../services/model/settings-proposal.ts';
import type { Run } from '../../services/model/run.ts';
import { modernAuthenticationOf } from '../../services/model/secret-target.ts';
import type { TestHistoryEntry } from '../../services/model/test-history.ts';
import { approvalCards, type ApprovalParts } from './approval-fixtures.ts';
import { alertCards } from './alert-fixtures.ts';
import { alertRoutingCards, type RoutingParts } from './alert-routing-fixtures.ts';
import { importSourceCards } from './import-fixtures.ts';
import { ownerCards, someReach } from './owner-fixtures.ts';
import { approverCards } from './approver-fixtures.ts';
import { maintenanceCards, statusCards, type Parts } from './status-fixtures.ts';
import { deadConversationsCards } from './dead-conversations-fixtures.ts';
import { changeCards } from './mailbox-change-fixtures.ts';
import { certificate, discovery, found, oauthValues, searchedValues, trace } from './sign-in-fixtures.ts';

/** Words that stand for everything a person can type, in four tempers. */
export interface Words {
  readonly person: string;
  readonly profile: string;
  readonly account: string;
  readonly location: string;
  readonly owner: string;
  readonly reason: string;
  readonly filter: string;
  /** Many: lists as long as they get. */
  readonly many: boolean;
  address(index: number): string;
}

export const normal: Words = {
  person: 'Alex Wilber',
  profile: 'Contoso on-premises',
  account: 'svc-mailroom@contoso.com',
  location: 'https://mail.contoso.com/EWS/Exchange.asmx',
  owner: 'Kim Abercrombie',
  reason: 'The queue belongs to another team. Ask Dana first.',
  filter: 'status:failure',
  many: false,
  address: (index) => `user${index + 1}@contoso.com`,
};

export const longNames: Words = {
  person: 'Алиса Björk-Østergård '.repeat(10).slice(0, 200),
  profile: 'מרכז הנתונים הראשי של הארגון 👩‍👩‍👧‍👦 '.repeat(8).slice(0, 200),
  account: `${'s'.repeat(180)}@${'d'.repeat(40)}.com`,
  location: `https://${'a'.repeat(60)}.${'b'.repeat(60)}.contoso.com/EWS/${'x'.repeat(1800)}.asmx`,
  owner: '👨‍👩‍👧‍👦🇨🇭 محمد عبد الرحمن '.repeat(10).slice(0, 200),
  reason: '理由が必要です。'.repeat(80),
  filter: 'word '.repeat(60),
  many: true,
  address: (index) => `${'long-user-name_'.repeat(5)}${index}@${'sub'.repeat(5)}.contoso.com`.slice(0, 110),
};

export const hostileText =
  '[click](https://evil.example) ${x} <at>Admin</at> ](javascript:alert(1)) **bold** _it_ `code` ![i](x) {{DATE(1999-01-01T00:00:00Z, SHORT)}} \u202eabc &lt; ~~s~~ \\[ ' +
  `<img src=x onerror=alert(1)> adm\u200bin\u2060 ${'W'.repeat(300)}`;

export const hostile: Words = {
  person: hostileText,
  profile: `# ${hostileText}`,
  account: hostileText,
  location: `https://evil.example/${hostileText}`,
  owner: `1. ${hostileText}\n- second line`,
  reason: `> ${hostileText}\n\n* item`,
  filter: hostileText,
  many: false,
  address: (index) => `a${index}*b*[c](javascript:x)$\{y}_d_@contoso.com`,
};

export const now = Date.UTC(2025, 10, 24, 18, 50);
const minute = 60_000;

export const everybody: CardContext = { locale: 'en', now, roles: [] };
export const admin: CardContext = { locale: 'en-US', now, roles: ['admin', 'approver'] };
export const viewer: CardContext = { locale: 'de-CH', now, roles: ['viewer'] };

const base = { environmentId: 'contoso', revision: 7 } as const;
const uuid = '6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b';
const objectId = '9f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b';

function fault(code: FaultCode, words: Words): Fault {
  return {
    code,
    params: {
      host: 'mail.contoso.com',
      address: words.address(0),
      account: words.account,
      schemes: 'Negotiate, NTLM',
      status: 503,
      backOffMs: 297_749,
      folder: 'calendar',
      build: '15.0.516.32',
      location: words.location,
    },
  };
}

export function mailbox(words: Words, index: number): Mailbox {
  const fresh = newMailbox(
    {
      environmentId: 'contoso',
      id: `${uuid}-${index}`,
      address: words.address(index),
      type: index % 4 === 3 ? 'queue' : 'user',
      owner: words.owner,
      importedBy: objectId,
      createdAt: now,
    },
    {
      profileId: index % 5 === 4 ? null : 'p1',
      incomingMethod: 2,
      outgoingMethod: 2,
      actMethod: index % 3 === 2 ? 2 : 1,
      approval: ([1, 2, 3, 0] as const)[index % 4] ?? 0,
    },
  );
  const good: DirectionState = { status: 1, enabled: true, fault: null };
  const bad: DirectionState = { status: 2, enabled: false, fault: fault('ErrorImpersonateUserDenied', words) };
  const waiting: DirectionState = { status: 2, enabled: true, fault: fault('ErrorServerBusy', words) };
  if (index % 4 === 0)
    return {
      ...fresh,
      incoming: good,
      outgoing: good,
      act: good,
      status: 1,
      decidedBy: words.person,
      decidedAt: now,
      lastTestedAt: now,
      lastTest: lastTest('K7Q2', 4, [120, 2340, 90]),
    };
  if (index % 4 === 1) return fresh;
  if (index % 4 === 2)
    return {
      ...fresh,
      incoming: bad,
      outgoing: bad,
      act: good,
      status: 2,
      lastTestedAt: now,
      lastTest: {
        runId: 'K7Q2',
        calls: 1,
        phases: [
          { direction: 'incoming', succeeded: false, durationMs: 1100, markerFound: false },
          { direction: 'outgoing', succeeded: false, durationMs: 0, markerFound: false },
          { direction: 'act', succeeded: true, durationMs: 90, markerFound: false },
        ],
      },
      decidedBy: objectId,
      decidedAt: now,
      decisionReason: words.reason,
    };
  return {
    ...fresh,
    incoming: good,
    outgoing: waiting,
    act: good,
    status: 2,
    postponedUntil: now + 5 * minute,
    transientFailureCount: 3,
    lastTestedAt: now,
    lastTest: lastTest(null, 2, [80, 1200, 90], 'outgoing'),
  };
}

function lastTest(runId: string | null, calls: number, durations: readonly number[], failed?: Direction): LastTest {
  const phases = directions.map((direction, index) => ({
    direction,
    succeeded: direction !== failed,
    durationMs: durations[index] ?? 0,
    markerFound: false,
  }));
  return { runId, calls, phases };
}

/** A mailbox that nobody checks, and one that waits for its next check. */
/** What a mailbox's last tests and checks found, newest first. */
export const lastTests: readonly TestHistoryEntry[] = (
  [
    ['check', null, null],
    ['retry', null, null],
    ['test', 'ErrorMailboxStoreUnavailable', 'K7Q2PX'],
  ] as const
).map(([kind, code, runId], index) => ({
  environmentId: 'main',
  at: now - index * 5 * minute,
  mailboxId: 'kim@contoso.com',
  kind,
  runId,
  profileId: 'p1',
  phases: [{ direction: 'incoming', code, durationMs: 120 }],
  code,
  willRetry: code !== null,
  enabled: code === null,
}));

export const unchecked = { poll: null, attempts: 10, outage: null } as const;
export const checked = {
  poll: {
    environmentId: 'contoso',
    mailboxId: 'm1',
    profileId: 'p1',
    dueAt: now + 5 * minute,
    checkedAt: now - 10 * minute,
    unansweredSince: null,
  },
  attempts: 10,
  outage: null,
} as const;

const mailboxes = (words: Words, count: number): Mailbox[] =>
  Array.from({ length: count }, (_, index) => mailbox(words, index));

export function profile(words: Words, index = 1): EmailServerProfile {
  return {
    ...base,
    id: `p${index}`,
    name: words.profile,
    serverType: 2,
    serverLocation: words.location,
    authenticationProtocol: 3,
    credentialRetrieval: 1,
    useImpersonation: true,
    outgoingServerLocation: null,
    autodiscover: null,
    modernAuthentication: null,
    userName: words.account,
    credentialId: uuid,
    maxConcurrentConnections: 10,
    minPollingIntervalMinutes: 0,
    timeoutMailboxConnectionAfterAmount: 100_000,
    description: '',
    processEmailsReceivedAfter: null,
    moveUndeliveredEmails: false,
    sendEmailAlert: false,
    state: index % 3 === 2 ? 'inactive' : 'active',
    server: identifyServer(index % 2 === 0 ? '15.0.516.32' : '15.2.1748.10'),
    ownerId: objectId,
    createdAt: now,
    createdBy: objectId,
  };
}

const goodChecks = (words: Words): Check[] => [
  { name: 'address', fault: null, durationMs: 12, seen: { host: 'mail.contoso.com', address: '10.0.0.5', count: 1 } },
  { name: 'connect', fault: null, durationMs: 8, seen: { address: '10.0.0.5', port: 443, ms: 8 } },
  {
    name: 'tls',
    fault: null,
    durationMs: 20,
    seen: { protocol: 'TLSv1.3', subject: 'mail.contoso.com', issuer: 'Contoso Root CA', expiresInDays: 90 },
  },
  { name: 'authentication', fault: null, durationMs: 40, seen: { schemes: 'Basic' } },
  { name: 'version', fault: null, durationMs: 1, seen: { product: '2019', build: '15.2.1748.10' } },
  { name: 'impersonation', fault: null, durationMs: 50, seen: { folder: words.owner } },
];

export function draft(words: Words, changes: Partial<ProfileDraft> = {}): ProfileDraft {
  return {
    ...base,
    id: uuid,
    ownerId: objectId,
    ownerName: words.person,
    ownerTenantId: objectId,
    conversationId: 'a:1',
    step: 'details',
    values: {
      ...emptyValues,
      name: words.profile,
      isDefault: true,
      serverLocation: words.location,
      userName: words.account,
      probeAddress: words.address(0),
      authentication: 'basic',
      access: 'impersonation',
    },
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
    createdAt: now,
    expiresAt: now + 10 * minute,
    ...changes,
  };
}

function drafts(words: Words, context: CardContext): [string, CardView][] {
  const personal = {
    ...context,
    personal: true,
    formUrl: 'https://mailroom.contoso.com/secrets/abc',
    certificate: null,
  };
  const failed = (code: FaultCode): Check[] => [
    ...goodChecks(words).slice(0, 3),
    { name: 'authentication', fault: fault(code, words), durationMs: 5, seen: {} },
  ];
  const server = identifyServer('15.2.1748.10');
  return [
    ['draft new', draftCard(draft(words, { values: emptyValues }), personal)],
    ['draft details', draftCard(draft(words), personal)],
    ['draft details after a failed check', draftCard(draft(words, { checks: failed('BasicNotOffered') }), personal)],
    ['draft credential', draftCard(draft(words, { step: 'credential' }), personal)],
    ['draft credential without link', draftCard(draft(words, { step: 'credential' }), { ...personal, formUrl: null })],
    [
      'draft credential in a channel',
      draftCard(draft(words, { step: 'credential' }), { ...personal, personal: false }),
    ],
    ['draft parked', draftCard(draft(words, { step: 'credential', credential: 'parked' }), personal)],
    [
      'draft refused',
      draftCard(
        draft(words, { step: 'credential', credential: 'refused', checks: failed('CredentialRefused') }),
        personal,
      ),
    ],
    [
      'draft checking',
      draftCard(
        draft(words, { step: 'checking', credential: 'confirmed', checks: goodChecks(words).slice(0, 3) }),
        personal,
      ),
    ],
    [
      'draft check failed',
      draftCard(
        draft(words, { step: 'checking', credential: 'confirmed', checks: failed('BasicNotOffered') }),
        personal,
      ),
    ],
    [
      'draft check failed, account locked',
      draftCard(draft(words, { step: 'checking', credential: 'confirmed', checks: failed('AccountLocked') }), personal),
    ],
    [
      'draft review',
      draftCard(draft(words, { step: 'review', credential: 'confirmed', checks: goodChecks(words), server }), personal),
    ],
    [
      'draft review, old server',
      draftCard(draft(words, { step: 'review', server: identifyServer('14.3.123.4') }), personal),
    ],
    ...advanced(words, personal),
    ...twoServers(words, personal),
    ['draft saved', draftCard(draft(words, { step: 'saved', profileId: 'p1' }), personal)],
    ['draft cancelled', draftCard(draft(words, { step: 'cancelled' }), personal)],
    [
      'draft of a change saved',
      draftCard(draft(words, { step: 'saved', profileId: 'p1', editsProfileId: 'p1' }), {
        ...personal,
        mailboxes: { failed: 3, checked: 297 },
      }),
    ],
    ...searches(words, personal),
    ...tokens(words, personal),
  ];
}

/** Mail is sent by another server: each card that names it, and its checks after those of the first. */
function twoServers(words: Words, context: DraftCardContext): [string, CardView][] {
  const values = {
    ...draft(words).values,
    useSameSettingsForOutgoing: false,
    outgoingServerLocation: words.location.replace('mail', 'send'),
  };
  const outgoing = goodChecks(words).map((check): Check => ({ ...check, at: 'outgoing' }));
  const refused = outgoing
    .slice(0, 3)
    .map((check, index): Check => (index === 2 ? { ...check, fault: fault('TlsExpired', words) } : check));
  const at = (changes: Partial<ProfileDraft>): CardView => draftCard(draft(words, { values, ...changes }), context);
  const errors = { outgoingServerLocation: 'profile.outgoing-missing' };
  const beside = { useSameSettingsForOutgoing: 'profile.outgoing-with-autodiscover' };
  return [
    ['draft details, another server for outgoing', at({})],
    ['draft details, outgoing to correct', at({ errors })],
    ['draft details, outgoing beside Autodiscover', at({ errors: beside })],
    ['draft credential for two servers', at({ step: 'credential' })],
    [
      'draft checking the outgoing server',
      at({ step: 'checking', checks: [...goodChecks(words), ...outgoing.slice(0, 2)] }),
    ],
    ['draft check failed at the outgoing server', at({ step: 'checking', checks: [...goodChecks(words), ...refused] })],
    ['draft review of two servers', at({ step: 'review', checks: [...goodChecks(words), ...outgoing] })],
    ['draft saved with two servers', at({ step: 'saved', profileId: 'p1' })],
  ];
}

/** Every advanced setting set, as long as it may be. */
const setAdvanced = (words: Words) => ({
  description: words.reason.repeat(10).slice(0, 2000),
  minPollingIntervalMinutes: '30',
  maxConcurrentConnections: '20',
  timeoutMailboxConnectionAfterAmount: '15000',
  processEmailsReceivedAfter: '2025-01-31',
  moveUndeliveredEmails: true,
  sendEmailAlert: true,
});

function advanced(words: Words, context: DraftCardContext): [string, CardView][] {
  const { values } = draft(words);
  const set = { ...values, ...setAdvanced(words) };
  const wrong = {
    ...values,
    description: words.reason.repeat(100).slice(0, 2001),
    minPollingIntervalMinutes: '1441',
    maxConcurrentConnections: words.reason.slice(0, 20),
    timeoutMailboxConnectionAfterAmount: '-1',
    processEmailsReceivedAfter: '2025-02-30',
  };
  const errors = {
    description: 'profile.description-too-long',
    minPollingIntervalMinutes: 'profile.polling-invalid',
    maxConcurrentConnections: 'profile.connections-invalid',
    timeoutMailboxConnectionAfterAmount: 'profile.timeout-invalid',
    processEmailsReceivedAfter: 'profile.received-after-invalid',
  };
  const server = identifyServer('15.2.1748.10');
  return [
    ['draft advanced', draftCard(draft(words, { step: 'advanced' }), context)],
    ['draft advanced, all set', draftCard(draft(words, { step: 'advanced', values: set }), context)],
    ['draft advanced to correct', draftCard(draft(words, { step: 'advanced', values: wrong, errors }), context)],
    [
      'draft review, all set',
      draftCard(draft(words, { step: 'review', values: set, checks: goodChecks(words), server }), context),
    ],
    [
      'draft review, several profiles of one account',
      draftCard(draft(words, { step: 'review', editsProfileId: 'p1', checks: goodChecks(words), server }), {
        ...context,
        sameAccount: Array.from({ length: words.many ? 50 : 2 }, (_, index) => ({
          id: uuid.replace(/^../, String(10 + index)),
          name: words.profile,
        })),
      }),
    ],
    ['draft saved, for several profiles', draftCard(draft(words, { step: 'saved', sharedWith: 2 }), context)],
    ['draft copy', draftCard(draft(words, { copiesProfileId: 'p1' }), context)],
  ];
}

function profileChanges(words: Words, context: CardContext): [string, CardView][] {
  const counts = { mailboxes: 188, enabled: 180, testing: 12, runs: 2 };
  const none = { mailboxes: 0, enabled: 0, testing: 0, runs: 0 };
  const kinds = ['deactivate', 'delete', 'in-use', 'deleted'] as const;
  return kinds.flatMap((kind): [string, CardView][] => [
    [`profile, ${kind}`, profileChangeCard(profile(words), { ...counts, kind, isDefault: true }, context)],
    [`profile, ${kind}, empty`, profileChangeCard(profile(words, 2), { ...none, kind, isDefault: false }, context)],
  ]);
}

function searches(words: Words, context: DraftCardContext): [string, CardView][] {
  const values = searchedValues(words);
  const failed = discovery(words, now, { state: 'failed', fault: fault('AutodiscoverUrlRefused', words) });
  const refused = discovery(words, now, { state: 'failed', fault: fault('CredentialRefused', words) });
  const asked = discovery(words, now, { state: 'confirm-host', askedHost: words.account });
  const at = (changes: Partial<ProfileDraft>): CardView =>
    draftCard(draft(words, { step: 'finding', credential: 'confirmed', values, ...changes }), context);
  return [
    ['draft credential, server sought', at({ step: 'credential', credential: 'none' })],
    ['draft refused by Autodiscover', at({ step: 'credential', credential: 'refused', discovery: refused })],
    ['draft searching', at({ discovery: { ...newSearch } })],
    ['draft host to confirm', at({ discovery: asked })],
    ['draft server found', at({ discovery: found(words, now) })],
    ['draft search failed', at({ discovery: failed })],
    ['draft details after a failed search', at({ step: 'details', discovery: failed })],
    [
      'draft review of a found server',
      at({
        step: 'review',
        discovery: found(words, now),
        values: { ...values, serverLocation: words.location },
        checks: goodChecks(words),
      }),
    ],
  ];
}

function tokens(words: Words, context: DraftCardContext): [string, CardView][] {
  const file = oauthValues(words, 'file');
  const vault = oauthValues(words, 'key-vault');
  const at = (changes: Partial<ProfileDraft>, more: Partial<DraftCardContext> = {}): CardView =>
    draftCard(draft(words, { values: file, ...changes }), { ...context, ...more });
  const errors = {
    tenant: 'profile.tenant-invalid',
    clientId: 'profile.client-id-invalid',
    resource: 'profile.resource-invalid',
    vaultUrl: 'profile.vault-invalid',
    certificateName: 'profile.certificate-name-invalid',
    vaultClientId: 'profile.client-id-missing',
  };
  const noToken: Check[] = [
    ...goodChecks(words).slice(0, 3),
    { name: 'token', fault: fault('OAuthInvalidClient', words), seen: {}, durationMs: 9 },
  ];
  const checks: Check[] = goodChecks(words).toSpliced(3, 0, {
    name: 'token',
    fault: null,
    seen: { tenant: words.account, app: uuid, expiresInMinutes: 59 },
    durationMs: 9,
  });
  return [
    ['draft app', at({ step: 'modern-auth', values: { ...emptyValues, authentication: 'oauth' } })],
    ['draft app to correct', at({ step: 'modern-auth', values: vault, errors })],
    ['draft certificate', at({ step: 'credential' })],
    ['draft certificate parked', at({ step: 'credential', credential: 'parked' })],
    ['draft client secret', at({ step: 'credential', values: vault })],
    ['draft checking with a token', at({ step: 'checking', checks: checks.slice(0, 4) })],
    ['draft without a token', at({ step: 'checking', checks: noToken })],
    ['draft review with a certificate', at({ step: 'review', checks }, { certificate: certificate(words, now, 12) })],
    ['draft review with a vault', at({ step: 'review', values: vault, checks })],
    ['draft saved with an app', at({ step: 'saved', profileId: 'p1' })],
  ];
}

export function batch(words: Words, state: ImportBatch['state'], count: number, refusedOnly = false): ImportBatch {
  const refusals = ['address-missing', 'address-invalid', 'type-unknown', 'duplicate', 'too-many-cells'] as const;
  const rows = Array.from({ length: count }, (_, index): ImportRow => {
    const isRefused = refusedOnly || index % 4 === 3;
    const verdict = isRefused
      ? 'refused'
      : ((['new', 'new', 'changed', 'unchanged', 'new'] as const)[index % 5] ?? 'new');
    const code = refusals[index % 5] ?? 'duplicate';
    return {
      line: index + 1,
      address: words.address(index),
      type: 'user',
      owner: index % 2 === 0 ? words.owner : '',
      verdict,
      refusal: isRefused ? { code, value: words.owner } : null,
    };
  });
  return { ...base, id: uuid, actorId: objectId, conversationId: 'a:1', rows, state, createdAt: now };
}

/** Mailboxes that were rejected before, each for a long reason; every second one is a queue. */
function rejectedBatch(words: Words, count: number): ImportBatch {
  const { rows, ...rest } = batch(words, 'waiting', count);
  const rejectedBecause = `${words.owner} `.repeat(20);
  const again = rows.map((row, index): ImportRow => ({
    ...row,
    type: index % 2 === 0 ? 'user' : 'queue',
    verdict: index % 3 === 0 ? 'new' : 'changed',
    refusal: null,
    ...(index % 3 === 0 ? {} : { rejectedBecause }),
  }));
  return { ...rest, rows: again };
}

function imports(words: Words, context: CardContext): [string, CardView][] {
  const count = words.many ? 10_000 : 24;
  const details = {
    profileName: words.profile,
    incomingMethod: 2,
    outgoingMethod: 2,
    actMethod: 1,
    approvalRequired: 12,
    reached: { channels: 1, people: 0 },
    deciders: { count: 1, holdsBackRequester: false },
  } as const;
  return [
    ['import waiting', importCard(batch(words, 'waiting', count), details, context)],
    [
      'import without approval',
      importCard(batch(words, 'waiting', 3), { ...details, profileName: null, approvalRequired: 0 }, context),
    ],
    ['import of rejected mailboxes', importCard(rejectedBatch(words, count), details, context)],
    ['import of nothing', importCard(batch(words, 'waiting', count, true), details, context)],
    ['import of an empty paste', importCard(batch(words, 'waiting', 0), details, context)],
    ['import done', importCard(batch(words, 'done', count), details, context)],
    [
      'import done, in the chats of approvers',
      importCard(batch(words, 'done', count), { ...details, reached: { channels: 0, people: 3 } }, context),
    ],
    [
      'import done, nobody has the request',
      importCard(batch(words, 'done', count), { ...details, reached: { channels: 0, people: 0 } }, context),
    ],
    [
      'import done, and nobody may approve',
      importCard(
        batch(words, 'done', count),
        { ...details, deciders: { count: 0, holdsBackRequester: true } },
        context,
      ),
    ],
    ['import done without approval', importCard(batch(words, 'done', 3), { ...details, approvalRequired: 0 }, context)],
    ['import cancelled', importCard(batch(words, 'cancelled', count), details, context)],
    ...importSourceCards(words, context, batch(words, 'waiting', count), details),
  ];
}

function lists(words: Words, context: CardContext): [string, CardView][] {
  const names = { p1: words.profile };
  const view: MailboxView = {
    ...base,
    id: uuid,
    actorId: objectId,
    actorName: words.person,
    copiedFrom: null,
    filter: '',
    sort: 'address',
    page: 0,
    shown: [],
    total: 0,
    mark: '',
    createdAt: now,
  };
  const total = words.many ? 10_000 : 24;
  const three = words.many ? 200 : 3;
  const settings = { ...initialEmailSettings, defaultProfileId: 'p1' };
  const environment: Environment = { ...base, name: words.profile, platform: 'local', organizationId: null, settings };
  const profiles = Array.from({ length: three }, (_, index) => profile(words, index));
  const profileDetails = {
    mailboxCount: total,
    isDefault: true,
    pollIntervalMs: null,
    credentialSetBy: words.person,
    credentialSetAt: now,
    certificate: null,
  };
  const confirmation = {
    id: uuid,
    revision: 3,
    verb: 'bulk.confirm',
    cancelVerb: 'bulk.cancel',
    title: 'Apply defaults',
    text: `The profile ${words.profile} and the delivery methods of the email settings are set.`,
    count: total,
    sample: Array.from({ length: three * 4 }, (_, index) => words.address(index)),
  } as const;
  const decided = Array.from({ length: 5 }, () => `${words.profile.slice(0, 60)}: 12 user mailboxes`);
  // As it is stored: a filter that was typed has been read before.
  const typed = words === normal ? words.filter : formatFilter(parseFilter(`"${words.filter}"`));
  const manyNames = Object.fromEntries(Array.from({ length: three }, (_, index) => [`p${index + 1}`, words.profile]));
  const listCard = (table: Partial<MailboxTable> & Pick<MailboxTable, 'view'>): CardView =>
    mailboxesCard(
      { rows: mailboxes(words, 10), selected: [], profileNames: { ...names, ...manyNames }, ...table },
      context,
    );
  return [
    ['mailboxes', listCard({ view: { ...view, total } })],
    ['mailboxes filtered, second page', listCard({ view: { ...view, filter: typed, page: 1, total } })],
    ...[0, 7].map((count): [string, CardView] => [
      `mailboxes that wait, ${count} selected`,
      listCard({
        view: { ...view, filter: 'approval:pending request:K7Q2', total },
        selected: Array.from({ length: count }, (_, index) => words.address(index)),
      }),
    ]),
    ['mailboxes, none', mailboxesCard({ view, rows: [], selected: [], profileNames: {} }, context)],
    ...[0, 3, 7].map((failing): [string, CardView] => [
      `mailboxes that failed in a run, ${failing} of them still`,
      listCard({
        view: { ...view, filter: 'status:failure run:K7Q2', total: failing },
        rows: mailboxes(words, failing),
        ofRun: { id: 'K7Q2', failed: 7, works: true },
      }),
    ]),
    ['mailboxes, none for the filter', listCard({ view: { ...view, filter: typed }, rows: [] })],
    [
      'mailboxes, some selected, some inactive, of a profile',
      listCard({
        view: { ...view, filter: 'profile:"p1"', sort: 'lastTestedAt', page: 2, total },
        rows: mailboxes(words, 10).map((one, index) => ({ ...one, state: index % 2 === 0 ? 'active' : 'inactive' })),
        selected: [words.address(0), words.address(4), 'elsewhere@contoso.com'],
      }),
    ],
    [
      'mailboxes, all selected, with a download',
      listCard({
        view: { ...view, total },
        selected: Array.from({ length: total }, (_, index) => words.address(index)),
        download: { url: 'https://mailroom.contoso.com/files/token', count: total },
      }),
    ],
    [
      'mailboxes, a copy of another person’s list',
      listCard({ view: { ...view, copiedFrom: words.person, total }, untouched: 'copied' }),
    ],
    ['mailboxes, changed since they were counted', listCard({ view: { ...view, total }, untouched: 'changed' })],
    ...mailboxes(words, 5).map((one, index): [string, CardView] => [
      `mailbox ${index}`,
      mailboxCard(one, { ...checked, profileName: one.profileId === null ? null : words.profile }, context),
    ]),
    [
      'mailbox without server-side synchronization',
      mailboxCard(
        { ...mailbox(words, 0), incomingMethod: 0, outgoingMethod: 0, actMethod: 2, status: 0 },
        { ...unchecked, profileName: words.profile },
        context,
      ),
    ],
    [
      'mailbox that waits for its server',
      mailboxCard(
        mailbox(words, 0),
        { ...checked, profileName: words.profile, outage: { since: now - 90 * minute } },
        context,
      ),
    ],
    [
      'mailbox that recovered',
      mailboxCard({ ...mailbox(words, 0), recoveredAt: now }, { ...checked, profileName: words.profile }, context),
    ],
    [
      'mailbox not tested',
      mailboxCard({ ...mailbox(words, 1), approval: 1 }, { ...unchecked, profileName: words.profile }, context),
    ],
    [
      'mailbox with its last tests',
      mailboxCard(mailbox(words, 0), { ...checked, profileName: words.profile, history: lastTests }, context),
    ],
    [
      'mailbox with three faults',
      mailboxCard(
        {
          ...mailbox(words, 2),
          approval: 1,
          incoming: { status: 2, enabled: false, fault: fault('ErrorQuotaExceeded', words) },
          act: { status: 2, enabled: false, fault: fault('FolderRightsMissing', words) },
          actMethod: 1,
        },
        { ...unchecked, profileName: words.profile },
        context,
      ),
    ],
    ['profiles', profilesCard({ profiles, defaultProfileId: 'p1', mailboxCounts: { p1: 188 } }, context)],
    ['profiles, none', profilesCard({ profiles: [], defaultProfileId: null, mailboxCounts: {} }, context)],
    ['profile', profileCard(profile(words), profileDetails, context)],
    [
      'profile, another server for outgoing, taken over',
      profileCard(
        { ...profile(words), outgoingServerLocation: words.location },
        { ...profileDetails, formerOwner: words.person },
        context,
      ),
    ],
    ['profile, refused', profileCard(profile(words), { ...profileDetails, trouble: { kind: 'refused' } }, context)],
    [
      'profile, out of reach',
      profileCard(profile(words), { ...profileDetails, trouble: { kind: 'outage', since: now } }, context),
    ],
    [
      'profile, switched off, all set',
      profileCard(
        { ...profile(words), state: 'inactive', ...advancedSettings(setAdvanced(words)) },
        profileDetails,
        context,
      ),
    ],
    ...profileChanges(words, context),
    [
      'profile, new',
      profileCard(
        profile(words, 2),
        {
          mailboxCount: 0,
          isDefault: false,
          pollIntervalMs: null,
          credentialSetBy: null,
          credentialSetAt: null,
          certificate: null,
        },
        context,
      ),
    ],
    [
      'profile, server found',
      profileCard(
        {
          ...profile(words),
          autodiscover: { source: 'soap', host: words.account, foundAt: now, trace: trace(words, now) },
        },
        profileDetails,
        context,
      ),
    ],
    ...(['file', 'key-vault'] as const).map((source): [string, CardView] => [
      `profile, app with ${source}`,
      profileCard(
        {
          ...profile(words),
          authenticationProtocol: 4,
          credentialRetrieval: 6,
          userName: '',
          modernAuthentication: modernAuthenticationOf(oauthValues(words, source)),
        },
        { ...profileDetails, certificate: source === 'file' ? certificate(words, now, -1) : null },
        context,
      ),
    ]),
    ...settingsCards(words, environment, profiles, context),
    ['confirm waiting', confirmCard({ ...confirmation, state: 'waiting' }, context)],
    ['confirm a test', confirmCard({ ...confirmation, state: 'waiting', mayTakeOver: true }, context)],
    ['confirm a decision', confirmCard({ ...confirmation, state: 'waiting', groups: decided }, context)],
    [
      'confirm, decided',
      confirmCard({ ...confirmation, state: 'done', hasList: true, resultText: words.reason }, context),
    ],
    ['confirm done', confirmCard({ ...confirmation, state: 'done', resultText: words.reason }, context)],
    [
      'confirm started',
      confirmCard({ ...confirmation, state: 'started', runId: 'K7Q2', resultText: words.reason }, context),
    ],
    ['confirm cancelled', confirmCard({ ...confirmation, state: 'cancelled' }, context)],
  ];
}

function settingsCards(
  words: Words,
  environment: Environment,
  profiles: readonly EmailServerProfile[],
  context: CardContext,
): [string, CardView][] {
  const stateWords = ['current', 'saved', 'waiting', 'unchanged', 'stale'] as const;
  const show = (state: Partial<SettingsCardState>, of = environment): CardView =>
    settingsCard(of, profiles, { ...settingsAtFirst, ...state }, context);
  const routed = { ...environment, settings: { ...environment.settings, emailConnectionChannel: 1 } } as const;
  const draft: SettingsDraft = {
    ...base,
    id: uuid,
    actorId: objectId,
    section: 'delivery',
    settings: environment.settings,
    baseRevision: 7,
    state: 'asked',
    createdAt: now,
  };
  const count = words.many ? 10_000 : 1;
  const effects: SettingsEffect[] = [
    { kind: 'second-person', controls: ['alertsForErrors', 'blockedAttachments'], alone: words.many },
    { kind: 'router-on', enabled: count, runs: 2 },
    { kind: 'router-off', enabled: count },
    { kind: 'approval-on', type: 'queue', asked: count, stopped: 0 },
    { kind: 'approval-off', type: 'user', waiting: count },
    { kind: 'four-eyes-on', waiting: count },
    { kind: 'four-eyes-off', waiting: 0 },
    { kind: 'default-profile', same: 0, others: count },
    { kind: 'no-default-profile', without: count },
    { kind: 'method', direction: 'act', others: count },
    ...alertLevels.flatMap((level): SettingsEffect[] => [
      { kind: 'alerts-off', level, open: count },
      { kind: 'alerts-on', level, open: 0 },
    ]),
    { kind: 'file-types', more: ['exe'], fewer: initialEmailSettings.blockedAttachments.split(';') },
    { kind: 'attachment-size' },
    { kind: 'ntlm-on' },
    { kind: 'ntlm-off', profiles: 2, mailboxes: count },
    { kind: 'stamp-on', mailboxes: count },
    { kind: 'stamp-off' },
  ];
  const names = Object.fromEntries(profiles.map(({ id, name }) => [id, name]));
  return [
    ...formSections.flatMap((section) =>
      stateWords.map((word): [string, CardView] => [`settings ${section} ${word}`, show({ section, word })]),
    ),
    ['settings with the router', show({}, routed)],
    ['settings without profile', settingsCard(environment, [], settingsAtFirst, context)],
    [
      'settings to correct',
      show({
        section: 'attachments',
        typed: { maxUploadFileSizeKb: words.reason, blockedAttachments: words.reason.repeat(20) },
        problems: {
          maxUploadFileSizeKb: { code: 'settings.size-not-a-number', params: { least: 1, most: 131_072 } },
          blockedAttachments: { code: 'settings.extension-invalid', params: { extension: words.reason.slice(0, 40) } },
        },
      }),
    ],
    [
      'settings of a card that lies',
      show({ problems: { actMethod: { code: 'settings.invalid', params: { field: 'actMethod' } } } }),
    ],
    ['settings review', settingsReviewCard(draft, initialEmailSettings, effects, names, context)],
    [
      'settings review, one',
      settingsReviewCard(draft, { ...environment.settings, actMethod: 0 }, effects.slice(3, 4), {}, context),
    ],
  ];
}

export function request(words: Words, pending: number, changes: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    ...base,
    id: uuid,
    requestedBy: objectId,
    requestedByName: words.person,
    requestedAt: now - 12 * minute,
    conversationId: 'a:1',
    total: pending,
    pending,
    approved: 0,
    rejected: 0,
    testWhenApproved: true,
    lastDecision: null,
    questions: [],
    withdrawal: null,
    approverSetId: null,
    stage: 'open',
    dueAt: null,
    ...changes,
  };
}

export function approvalParts(words: Words): ApprovalParts {
  return {
    ...words,
    now,
    mailbox: (index) => mailbox(words, index),
    request: (pending, changes) => request(words, pending, changes),
  };
}

export function proposal(
  words: Words,
  state: SettingsProposal['state'],
  changes: Partial<EmailSettings> = {},
): SettingsProposal {
  return {
    ...base,
    id: uuid,
    proposedBy: objectId,
    proposedByName: words.person,
    proposedAt: now - minute,
    before: initialEmailSettings,
    settings: { ...initialEmailSettings, requireApprovalForQueues: false, ...changes },
    baseRevision: 3,
    affected: words.many ? 10_000 : 4,
    state,
    decidedByName: state === 'waiting' || state === 'alone' ? null : words.owner,
    decidedAt: state === 'waiting' ? null : now,
  };
}

function proposals(words: Words, context: CardContext): [string, CardView][] {
  const states = ['waiting', 'agreed', 'refused', 'void', 'alone'] as const;
  const others = {
    eyes: { requireApprovalForQueues: true, fourEyes: false },
    errors: { requireApprovalForQueues: true, alertsForErrors: false },
    files: { requireApprovalForQueues: true, blockedAttachments: 'exe;bat' },
    both: { requireApprovalForUsers: false },
    several: { alertsForErrors: false, blockedAttachments: '', defaultProfileId: uuid, emailConnectionChannel: 1 },
  } as const satisfies Readonly<Record<string, Partial<EmailSettings>>>;
  const names = { [uuid]: words.profile };
  return [
    ...states.map((state): [string, CardView] => [
      `proposal ${state}`,
      settingsProposalCard(proposal(words, state), names, context),
    ]),
    ...Object.entries(others).flatMap(([name, changes]) =>
      states.map((state): [string, CardView] => [
        `proposal ${name} ${state}`,
        settingsProposalCard(proposal(words, state, changes), names, context),
      ]),
    ),
  ];
}

export function roleChange(words: Words, changes: Partial<RoleChange> = {}): RoleChange {
  return {
    ...base,
    id: uuid,
    deed: 'grant',
    role: 'approver',
    personId: '22222222-2222-4222-8222-222222222222',
    personName: words.owner,
    personAccount: 'cleo@contoso.test',
    askedBy: objectId,
    askedByName: words.person,
    askedAt: now - minute,
    before: ['viewer'],
    second: 'needed',
    leavesNobody: false,
    state: 'asked',
    decidedByName: words.person,
    decidedAt: now,
    ...changes,
  };
}

const view = { environmentId: 'main', id: uuid, actorId: objectId, filter: '', page: 1, createdAt: now, revision: 1 };

function roleCards(words: Words, context: CardContext): [string, CardView][] {
  const states = ['asked', 'waiting', 'done', 'agreed', 'alone', 'refused', 'cancelled', 'void'] as const;
  const people = Array.from({ length: words.many ? 60 : 3 }, (_, index): RoleAssignment => ({
    environmentId: 'main',
    aadObjectId: `0000000${index % 10}-0000-4000-8000-0000000000${10 + index}`,
    roles: allRoles.slice(index % 4),
    name: index === 1 ? '' : words.person,
    grantedBy: 'configuration',
    grantedAt: now,
    grants: { viewer: { by: objectId, byName: words.owner, at: now } },
  }));
  return [
    ...states.map((state): [string, CardView] => [
      `role change ${state}`,
      roleChangeCard(roleChange(words, { state }), context),
    ]),
    ...allRoles.map((role): [string, CardView] => [
      `revoke ${role}`,
      roleChangeCard(
        roleChange(words, { deed: 'revoke', role, before: [role], second: 'not-needed', leavesNobody: true }),
        context,
      ),
    ]),
    ['role change with nobody to ask', roleChangeCard(roleChange(words, { second: 'nobody-there' }), context)],
    ['roles', rolesCard({ people, view: { ...view, page: words.many ? 1 : 0 }, known: people.slice(0, 20) }, context)],
    [
      'roles, one',
      rolesCard({ people: people.slice(0, 1), view: { ...view, page: 0 }, known: people.slice(0, 1) }, context),
    ],
  ];
}

function histories(words: Words, context: CardContext): [string, CardView][] {
  const actor = { tenantId: '', aadObjectId: objectId, name: words.person, from: 'c1' };
  const details = { name: words.profile, person: words.owner, reason: words.reason, account: words.person, host: 'h' };
  const entries = auditEventKinds.map((kind, index) => ({
    entry: auditEntry('main', now, actor, kind, [words.owner, 'b'], details),
    position: index === 3 ? null : index + 1,
    count: 1,
    firstPosition: index === 3 ? null : index + 1,
  }));
  // What one decision about many wrote is one line.
  const act = {
    entry: auditEntry('main', now, actor, 'approval.approved', [words.owner], { request: 'K7Q2M4PX' }),
    position: 900,
    count: 5000,
    firstPosition: 401,
  };
  const whole = {
    problem: null,
    badPosition: null,
    entries: 900,
    unlinked: 0,
    since: now,
    until: now,
    position: 900,
    hash: 'a'.repeat(64),
  } as const;
  const page = {
    view,
    rows: entries.slice(0, 10),
    hasNext: true,
    searchedBackTo: null,
    trail: whole,
    names: {},
    places: { c1: words.person },
    exportUrl: null,
  };
  const problems = ['changed', 'missing', 'inserted', 'cut', 'damaged', 'begins-late'] as const;
  const broken = (problem: (typeof problems)[number]): TrailState => ({ ...whole, problem, badPosition: 7 });
  return [
    ...Array.from({ length: Math.ceil(entries.length / 10) }, (_, index): [string, CardView] => [
      `history ${index}`,
      historyCard({ ...page, rows: entries.slice(index * 10, index * 10 + 10) }, context),
    ]),
    ...problems.map((problem): [string, CardView] => [
      `history ${problem}`,
      historyCard({ ...page, trail: broken(problem) }, context),
    ]),
    ['history of a decision about many', historyCard({ ...page, rows: [act, act] }, context)],
    ['history of before', historyCard({ ...page, trail: { ...whole, unlinked: 3 } }, context)],
    ['history after a removal', historyCard({ ...page, trail: { ...whole, removed: 4000 } }, context)],
    [
      'history being checked',
      historyCard({ ...page, trail: null, exportUrl: 'https://mailroom.contoso.test/files/x' }, context),
    ],
    [
      'history, nothing found',
      historyCard({ ...page, rows: [], view: { ...view, filter: words.person }, searchedBackTo: now }, context),
    ],
    [
      'history, empty',
      historyCard({ ...page, rows: [], trail: { ...whole, entries: 0, since: null, until: null } }, context),
    ],
  ];
}

export function run(words: Words, changes: Partial<Run> = {}): Run {
  return {
    ...base,
    id: 'K7Q2',
    title: { kind: 'profile', name: words.profile },
    requestedBy: objectId,
    requestedByName: words.person,
    conversationId: 'a:1',
    state: 'running',
    total: 200,
    done: 0,
    succeeded: 0,
    failed: 0,
    retrying: 0,
    causes: {},
    leftOut: { notApproved: 0, withoutProfile: 0, nothingToTest: 0, alreadyInRun: 0 },
    samples: [],
    results: 'kept',
    startedAt: now - 3 * minute,
    finishedAt: null,
    ...changes,
  };
}

function runs(words: Words, context: CardContext): [string, CardView][] {
  const allCodes = Object.keys(faultCatalogue) as FaultCode[];
  const causes = words.many
    ? Object.fromEntries(allCodes.map((code, index) => [code, index + 1]))
    : { ErrorImpersonateUserDenied: 6, ErrorQuotaExceeded: 4, ErrorServerBusy: 2 };
  const mixed = {
    state: 'completed',
    done: 200,
    succeeded: 188,
    failed: 12,
    retrying: 2,
    causes,
    finishedAt: now,
  } as const;
  const all = [
    run(words),
    run(words, { done: 117, succeeded: 110, failed: 7, retrying: 2, causes, title: { kind: 'approved' } }),
    run(words, { done: 40, succeeded: 40, takeOver: true, title: { kind: 'selection', text: words.filter } }),
    run(words, mixed),
    run(words, { ...mixed, succeeded: 200, failed: 0, retrying: 0, causes: {} }),
    run(words, {
      ...mixed,
      succeeded: 0,
      failed: 200,
      retrying: 200,
      title: { kind: 'incident', code: 'ErrorServerBusy' },
    }),
    run(words, { ...mixed, state: 'cancelled', done: 90, succeeded: 88, failed: 2 }),
    run(words, { ...mixed, results: 'gone' }),
    run(words, {
      state: 'paused',
      done: 90,
      succeeded: 80,
      failed: 10,
      causes,
      leftOut: { notApproved: 3, withoutProfile: 1, nothingToTest: 12, alreadyInRun: 40_000 },
    }),
  ];
  const long = words.many ? Array.from({ length: 500 }, () => run(words, mixed)) : all;
  return [
    ...all.map((one, index): [string, CardView] => [
      `run ${index}`,
      runCard(
        one,
        {
          pace: index === 0 ? { rate: null, etaMs: null } : { rate: 38.6, etaMs: 128_000 },
          reportUrl: index % 2 === 0 ? null : 'https://mailroom.contoso.test/files/token',
          resultDays: 7,
        },
        context,
      ),
    ]),
    ...(['running', 'paused', 'completed', 'cancelled'] as const).flatMap((state): [string, CardView][] => [
      [`cancel a run, ${state}`, cancelRunCard(run(words, { ...mixed, state }), { answered: false }, context)],
      [`cancel a run, answered, ${state}`, cancelRunCard(run(words, { ...mixed, state }), { answered: true }, context)],
    ]),
    ['runs', runsCard(long, 'none', context)],
    ['runs, idle', runsCard([run(words, mixed)], 'none', context)],
    ['runs, none', runsCard([], 'none', context)],
    ['runs, none without a profile', runsCard([], 'profile', context)],
    ['runs, none without mailboxes', runsCard([], 'mailboxes', context)],
  ];
}

export function incident(words: Words, code: FaultCode, changes: Partial<Incident> = {}): Incident {
  const nature = faultCatalogue[code].nature;
  return {
    ...base,
    id: uuid,
    causeId: `p1~${code}`,
    profileId: 'p1',
    profileIds: ['p1'],
    profileName: words.profile,
    code,
    fault: fault(code, words),
    nature,
    scope: faultCatalogue[code].scope,
    level: nature === 'transient' ? 'warning' : 'error',
    open: words.many ? 10_000 : 6,
    waiting: 0,
    peak: words.many ? 20_000 : 6,
    sample: Array.from({ length: words.many ? 10 : 6 }, (_, index) => words.address(index)),
    state: 'open',
    firstAt: now - 125 * minute,
    lastAt: now,
    resolvedAt: null,
    ending: null,
    handling: notHandled,
    wakeAt: null,
    ...changes,
  };
}

/** What people did about it; the later the state, the more of it. */
export const handledBy = (words: Words) => {
  const handler = { by: 'ada', byName: words.person, at: now };
  const assigned = { ...handler, personId: 'ben', personName: words.person };
  const taken = { ...notHandled, acknowledged: handler, assigned };
  return {
    snoozed: { ...taken, quiet: { ...handler, until: now + 60 * minute, agreedByName: null } },
    muted: { ...taken, quiet: { ...handler, until: null, agreedByName: words.person } },
    asked: { ...notHandled, muteAsked: handler },
  } satisfies Record<string, IncidentHandling>;
};

/** Of a server and not of mailboxes. */
export const outage = { causeId: serverCauseIdOf('mail.contoso.com'), waiting: 6 } as const;

function alerts(words: Words, context: CardContext): [string, CardView][] {
  const error = incident(words, 'ErrorImpersonateUserDenied');
  const warning = incident(words, 'ErrorServerBusy');
  const alarm = incident(words, 'ProfileMostlyFailing', {
    causeId: alarmCauseIdOf('p1'),
    fault: {
      code: 'ProfileMostlyFailing',
      params: { failing: words.many ? 10_000 : 6, total: words.many ? 12_000 : 7, mostly: 'ErrorAccessDenied' },
    },
  });
  return [
    ['incident, error', incidentCard(error, context)],
    ['incident, warning', incidentCard(warning, context)],
    ['incident with owners', incidentCard(error, context, { refusedSecret: null, reach: someReach })],
    [
      'incident, one mailbox',
      incidentCard(incident(words, 'EwsOther', { open: 1, sample: [words.address(0)], level: 'information' }), context),
    ],
    ['outage', incidentCard(incident(words, 'ConnectionRefused', outage), context)],
    [
      'incident, refused password',
      incidentCard(incident(words, 'CredentialRefused', { waiting: 6 }), context, { refusedSecret: 'password' }),
    ],
    [
      'outage over',
      incidentCard(
        { ...error, ...outage, state: 'resolved', open: 0, waiting: 0, sample: [], resolvedAt: now },
        context,
      ),
    ],
    ['incident resolved', incidentCard({ ...error, state: 'resolved', open: 0, sample: [], resolvedAt: now }, context)],
    ['incident, snoozed', incidentCard({ ...error, handling: handledBy(words).snoozed }, context)],
    ['incident, muted', incidentCard({ ...error, handling: handledBy(words).muted }, context)],
    [
      'outage, somebody asks to mute it',
      incidentCard(incident(words, 'ConnectionRefused', { ...outage, handling: handledBy(words).asked }), context),
    ],
    ['profile alarm', incidentCard(alarm, context)],
    [
      'profile alarm over',
      incidentCard(
        { ...alarm, state: 'resolved', open: 0, sample: [], resolvedAt: now, ending: { by: 'check', runId: null } },
        context,
      ),
    ],
    ...alertCards(
      {
        person: words.person,
        profile: words.profile,
        reason: words.reason,
        now,
        error,
        warning,
        outage: incident(words, 'ConnectionRefused', outage),
        alarm,
        handled: handledBy(words),
      },
      context,
    ),
  ];
}

function help(words: Words, context: CardContext): [string, CardView][] {
  const command = { usage: 'mailboxes [FILTER]', summary: 'Lists the mailboxes, ten at a time.' };
  const isUsual = words === normal;
  const groups = Array.from({ length: words.many ? 12 : 3 }, (_, index) => ({
    title: ['Profiles', 'Mailboxes', 'Approvals'][index] ?? words.profile,
    commands: Array.from({ length: words.many ? 12 : 3 }, () =>
      isUsual ? command : { usage: words.filter, summary: words.reason },
    ),
  }));
  return [
    [
      'help',
      helpCard(
        groups,
        ['create profile', 'import mailboxes', 'pending', 'test all', 'alerts'],
        Array.from({ length: 15 }, (_, index) => words.address(index)),
        context,
      ),
    ],
    ['help without a role', helpCard([], [], [], context)],
  ];
}

function languages(context: CardContext): [string, CardView][] {
  const codes = ['en', 'de'];
  return [
    ['language, as in Teams', languageCard({ chosen: null, languages: codes, whose: 'own' }, context)],
    ['language, chosen', languageCard({ chosen: 'de', languages: codes, whose: 'own' }, context)],
    ['language of a channel', languageCard({ chosen: 'en', languages: codes, whose: 'shared' }, context)],
  ];
}

/** What the cards of maintenance and status are made of. */
export function statusParts(words: Words): Parts {
  return {
    person: words.person,
    name: words.profile,
    reason: words.reason,
    many: words.many,
    now,
    profile: profile(words),
    profileDetails: {
      mailboxCount: 1200,
      isDefault: false,
      pollIntervalMs: null,
      credentialSetBy: words.person,
      credentialSetAt: now,
      certificate: null,
    },
    incidents: [incident(words, 'ErrorImpersonateUserDenied'), incident(words, 'ErrorServerBusy')],
    runs: [run(words), run(words, { state: 'completed', done: 10, total: 10, finishedAt: now })],
  };
}

/** Every card in every face, by name. */
function mailboxChanges(words: Words, context: CardContext): [string, CardView][] {
  const inactive: Mailbox = { ...mailbox(words, 0), state: 'inactive', status: 0 };
  const addresses = mailboxes(words, 10).map(({ address }) => address);
  const subjects = { mailbox: mailbox(words, 0), profiles: [profile(words)], addresses, filter: words.filter, now };
  return [
    ...changeCards(subjects, context),
    ['mailbox that is switched off', mailboxCard(inactive, { ...unchecked, profileName: words.profile }, context)],
  ];
}

/** Of a warning of every kind there is, and of one that is over. */
function routingParts(words: Words): RoutingParts {
  const codes = (Object.keys(faultCatalogue) as FaultCode[]).filter(
    (code) => faultCatalogue[code].nature === 'transient',
  );
  const mixed = {
    state: 'completed',
    done: 200,
    succeeded: 188,
    failed: 12,
    stillEnabled: 4,
    finishedAt: now,
  } as const;
  return {
    person: words.person,
    place: words.profile,
    profile: words.profile,
    many: words.many,
    now,
    warnings: codes.slice(0, words.many ? codes.length : 2).map((code) => incident(words, code)),
    over: incident(words, 'ErrorMailboxStoreUnavailable', { state: 'resolved', resolvedAt: now - 5 * minute, open: 0 }),
    runs: [run(words, mixed), run(words, { ...mixed, succeeded: 200, failed: 0 })],
  };
}

export function allCards(words: Words, context: CardContext): [string, CardView][] {
  return [
    ...drafts(words, context),
    ...help(words, context),
    ...languages(context),
    ...imports(words, context),
    ...lists(words, context),
    ...mailboxChanges(words, context),
    ...proposals(words, context),
    ...roleCards(words, context),
    ...histories(words, context),
    ...approvalCards(approvalParts(words), context),
    ...runs(words, context),
    ...alerts(words, context),
    ...alertRoutingCards(routingParts(words), context),
    ...maintenanceCards(statusParts(words), context),
    ...deadConversationsCards({ person: words.person, channel: words.profile, many: words.many, now }, context),
    ...statusCards(statusParts(words), context),
    ...ownerCards({ ...words, now }, context),
    ...approverCards(
      {
        ...words,
        now,
        mailbox: mailbox(words, 0),
        request: request(words, 1),
        emailProfile: profile(words),
        proposal: (state, changes) => proposal(words, state, changes),
      },
      context,
    ),
  ];
}
