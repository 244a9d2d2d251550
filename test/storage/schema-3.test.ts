import { expect, test } from 'vitest';
import { initialEmailSettings } from '../../services/model/environment.ts';
import { toSchema3 } from '../../services/storage/schema-3.ts';

/* Records as schema 2 wrote them: what is written here is on disks and does not change with the model. */

const settingsOfSchema2 = {
  defaultProfileId: 'p1',
  incomingMethod: 2,
  outgoingMethod: 2,
  actMethod: 1,
  requireApprovalForUsers: true,
  requireApprovalForQueues: false,
  allowAdBasedAuthenticationProtocols: true,
  organizationStamp: false,
};

const after = toSchema3(
  new Map(
    Object.entries({
      mailbox: { 'main/a@contoso.test': { environmentId: 'main', id: 'a@contoso.test', profileId: 'p1' } },
      environment: { main: { environmentId: 'main', settings: settingsOfSchema2 } },
      settingsProposal: {
        'main/s': { id: 's', settings: settingsOfSchema2, switchedOff: ['requireApprovalForQueues'] },
      },
      task: {
        'main/test-mailbox/a@contoso.test': {
          environmentId: 'main',
          kind: 'test-mailbox',
          subjectId: 'a@contoso.test',
        },
        'main/test-mailbox/gone@contoso.test': {
          environmentId: 'main',
          kind: 'test-mailbox',
          subjectId: 'gone@contoso.test',
        },
        'main/check-draft/d': { environmentId: 'main', kind: 'check-draft', subjectId: 'a@contoso.test' },
      },
      approvalRequest: {
        'main/waits': { id: 'waits', requestedAt: 1000, pending: 2 },
        'main/over': { id: 'over', requestedAt: 1000, pending: 0 },
      },
      incident: { 'main/K7Q2M4PX': { id: 'K7Q2M4PX', state: 'open', profileId: 'p1' } },
      subscription: { 'main/c1': { conversationId: 'c1', alerts: 'all' } },
      conversation: { 'main/a:ada': { conversationId: 'a:ada', locale: 'de-DE' } },
      profile: { 'main/p1': { id: 'p1', serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx' } },
      draft: { 'main/d1': { id: 'd1', values: { name: 'Contoso', userName: 'svc@contoso.test' } } },
      role: { 'main/ada': { name: 'Ada' } },
    }).map(([collection, table]) => [collection, new Map(Object.entries(table))]),
  ),
);

test('mailboxes of before are active, and settings have the values of a new environment where they had none', () => {
  expect(after.get('mailbox')?.get('main/a@contoso.test')).toMatchObject({
    state: 'active',
    processEmailsReceivedAfter: null,
    profileId: 'p1',
  });
  // What came after schema 3 is not in it.
  const { approverSets: _sets, selfApproval: _self, ...ofSchema3 } = initialEmailSettings;
  const settings = { ...ofSchema3, ...settingsOfSchema2 };
  expect(after.get('environment')?.get('main')).toMatchObject({ settings });
  // Instead of the requirements that it switches off, a proposal knows the settings that it changes.
  expect(after.get('settingsProposal')?.get('main/s')).toEqual({
    id: 's',
    before: { ...settings, requireApprovalForQueues: true },
    settings,
  });
});

test('a task knows the profile of its mailbox; one of a draft or of a mailbox that is gone has none', () => {
  const tasks = after.get('task');
  expect(tasks?.get('main/test-mailbox/a@contoso.test')).toMatchObject({ profileId: 'p1' });
  expect(tasks?.get('main/test-mailbox/gone@contoso.test')).toMatchObject({ profileId: null });
  expect(tasks?.get('main/check-draft/d')).toMatchObject({ profileId: null });
});

test('nobody has done anything about an incident of before', () => {
  expect(after.get('incident')?.get('main/K7Q2M4PX')).toEqual({
    id: 'K7Q2M4PX',
    state: 'open',
    profileId: 'p1',
    profileIds: ['p1'],
    handling: { revision: 1, acknowledged: null, assigned: null, quiet: null, muteAsked: null },
    wakeAt: null,
  });
});

test('a channel of before is subscribed to no single profile', () => {
  expect(after.get('subscription')?.get('main/c1')).toEqual({ conversationId: 'c1', alerts: 'all', profiles: {} });
});

test('a conversation of before has no time zone and no language yet', () => {
  expect(after.get('conversation')?.get('main/a:ada')).toEqual({
    conversationId: 'a:ada',
    locale: 'de-DE',
    timeZone: null,
    language: null,
  });
});

test('profiles of before use the same settings for outgoing, and so do drafts', () => {
  expect(after.get('profile')?.get('main/p1')).toEqual({
    id: 'p1',
    serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
    outgoingServerLocation: null,
  });
  expect(after.get('draft')?.get('main/d1')).toEqual({
    id: 'd1',
    values: {
      name: 'Contoso',
      userName: 'svc@contoso.test',
      useSameSettingsForOutgoing: true,
      outgoingServerLocation: '',
    },
  });
});

test('what has nothing new is the same record', () => {
  expect(after.get('role')?.get('main/ada')).toEqual({ name: 'Ada' });
});

test('a request for approval that waits is followed up a day after it was asked, one that is over never', () => {
  const requests = after.get('approvalRequest');
  expect(requests?.get('main/waits')).toEqual({
    id: 'waits',
    requestedAt: 1000,
    pending: 2,
    questions: [],
    withdrawal: null,
    stage: 'open',
    dueAt: 86_401_000,
  });
  expect(requests?.get('main/over')).toMatchObject({ stage: 'open', dueAt: null });
});
