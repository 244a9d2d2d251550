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
      settingsProposal: { 'main/s': { id: 's', settings: settingsOfSchema2 } },
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
  const settings = { ...initialEmailSettings, ...settingsOfSchema2 };
  expect(after.get('environment')?.get('main')).toMatchObject({ settings });
  expect(after.get('settingsProposal')?.get('main/s')).toMatchObject({ settings });
});

test('a task knows the profile of its mailbox; one of a draft or of a mailbox that is gone has none', () => {
  const tasks = after.get('task');
  expect(tasks?.get('main/test-mailbox/a@contoso.test')).toMatchObject({ profileId: 'p1' });
  expect(tasks?.get('main/test-mailbox/gone@contoso.test')).toMatchObject({ profileId: null });
  expect(tasks?.get('main/check-draft/d')).toMatchObject({ profileId: null });
});

test('what has nothing new is the same record', () => {
  expect(after.get('role')?.get('main/ada')).toEqual({ name: 'Ada' });
});
