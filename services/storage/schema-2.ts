import type { AllRecords } from './migrations.ts';

/*
 * Schema 2: profiles whose address Autodiscover finds, that sign in with OAuth, the organization's stamp, runs that can be
 * paused, and the advanced settings of a profile. What is already there keeps its value, so that a record of any time before is understood; the values are written out here and
 * not taken from the model, which goes on changing.
 */

type Fields = Readonly<Record<string, unknown>>;

/** Records of schema 1 as records of schema 2. */
export function toSchema2(records: AllRecords): AllRecords {
  return new Map(
    [...records].map(([collection, table]) => {
      const change = changes.get(collection);
      if (change === undefined) return [collection, table];
      return [collection, new Map([...table].map(([key, value]) => [key, change(value as Fields)]))];
    }),
  );
}

const changes: ReadonlyMap<string, (value: Fields) => Fields> = new Map<string, (value: Fields) => Fields>([
  ['environment', (value) => ({ organizationId: null, ...value, settings: withStamp(value['settings']) })],
  ['settingsProposal', (value) => ({ ...value, settings: withStamp(value['settings']) })],
  ['profile', (value) => ({ ...unsetInSchema1, ...value })],
  [
    'draft',
    (value) => ({
      editsProfileId: null,
      copiesProfileId: null,
      advancedBefore: null,
      sharedWith: 0,
      discovery: null,
      ...value,
      values: { ...unansweredInSchema1, ...(value['values'] as Fields) },
    }),
  ],
  ['secretRequest', withTarget],
  ['incident', (value) => ({ waiting: 0, ...value })],
  ['mailbox', (value) => ({ lastTest: null, recoveredAt: null, ...value })],
  ['run', (value) => ({ leftOut: nobodyLeftOut, samples: [], results: 'kept', ...value })],
  [
    'credential',
    (value) => ({ certificate: null, ...value, binding: { parties: [], ...(value['binding'] as Fields) } }),
  ],
]);

const withStamp = (settings: unknown): Fields => ({
  allowAdBasedAuthenticationProtocols: false,
  organizationStamp: false,
  ...(settings as Fields),
});

const nobodyLeftOut: Fields = { notApproved: 0, withoutProfile: 0, nothingToTest: 0, alreadyInRun: 0 };

const unsetInSchema1: Fields = {
  autodiscover: null,
  modernAuthentication: null,
  minPollingIntervalMinutes: 0,
  timeoutMailboxConnectionAfterAmount: 100_000,
  description: '',
  processEmailsReceivedAfter: null,
  moveUndeliveredEmails: false,
  sendEmailAlert: false,
};

const unansweredInSchema1: Fields = {
  autodiscover: 'inactive',
  authentication: 'basic',
  access: 'impersonation',
  tenant: '',
  clientId: '',
  resource: '',
  certificateSource: 'file',
  vaultUrl: '',
  certificateName: '',
  vaultClientId: '',
  description: '',
  minPollingIntervalMinutes: '0',
  maxConcurrentConnections: '10',
  timeoutMailboxConnectionAfterAmount: '100000',
  processEmailsReceivedAfter: '',
  moveUndeliveredEmails: false,
  sendEmailAlert: false,
};

/** An open form is for the same server and account as before. */
function withTarget(value: Fields): Fields {
  if (value['target'] !== undefined) return value;
  const { host, userName: account, scheme = 'basic', ...rest } = value;
  return { ...rest, target: { host, account, scheme, parties: [] } };
}
