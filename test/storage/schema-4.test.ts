import { expect, test } from 'vitest';
import { toSchema4 } from '../../services/storage/schema-4.ts';

/* Records as schema 3 wrote them: what is written here is on disks and does not change with the model. */

const settingsOfSchema3 = { defaultProfileId: 'p1', fourEyes: false, requireApprovalForUsers: true };

const after = toSchema4(
  new Map(
    Object.entries({
      environment: { main: { environmentId: 'main', settings: settingsOfSchema3 } },
      settingsDraft: { 'main/d': { id: 'd', settings: settingsOfSchema3 } },
      settingsProposal: { 'main/s': { id: 's', settings: settingsOfSchema3, before: settingsOfSchema3 } },
      approvalRequest: { 'main/r': { id: 'r', pending: 2 } },
      subscription: { 'main/c1': { conversationId: 'c1', alerts: 'all', profiles: {} } },
      conversation: { 'main/c1': { conversationId: 'c1', deadReason: 'MessageWritesBlocked' } },
      incident: { 'main/K7Q2M4PX': { id: 'K7Q2M4PX', open: 4 } },
      intent: { 'main/c1/run/R1': { kind: 'run' }, 'main/c1/run-summary/R1': { kind: 'run-summary' } },
      mailbox: { 'main/a@contoso.test': { id: 'a@contoso.test' } },
    }).map(([collection, table]) => [collection, new Map(Object.entries(table))]),
  ),
);

test('an update gives nobody a right: there are no approver sets, and nobody approves an own mailbox', () => {
  const settings = { ...settingsOfSchema3, approverSets: [], selfApproval: false };
  expect(after.get('environment')?.get('main')).toEqual({ environmentId: 'main', settings });
  expect(after.get('settingsDraft')?.get('main/d')).toEqual({ id: 'd', settings });
  expect(after.get('settingsProposal')?.get('main/s')).toEqual({ id: 's', settings, before: settings });
});

test('requests belong to no set, and channels hear of every nature at every hour', () => {
  expect(after.get('approvalRequest')?.get('main/r')).toEqual({ id: 'r', pending: 2, approverSetId: null });
  expect(after.get('subscription')?.get('main/c1')).toEqual({
    conversationId: 'c1',
    alerts: 'all',
    profiles: {},
    nature: null,
    quietHours: null,
    digest: null,
  });
});

test('no card of a finished run waits any more: the digest tells of it', () => {
  expect([...(after.get('intent') ?? [])]).toEqual([['main/c1/run/R1', { kind: 'run' }]]);
});

test('of an alert of before it is known how wide it is, and not what ended it', () => {
  expect(after.get('incident')?.get('main/K7Q2M4PX')).toEqual({ id: 'K7Q2M4PX', open: 4, peak: 4, ending: null });
});

test('of a conversation that was dead before nobody knows since when, and no notice told of it', () => {
  expect(after.get('conversation')?.get('main/c1')).toEqual({
    conversationId: 'c1',
    deadReason: 'MessageWritesBlocked',
    deadSince: null,
    deathNotice: null,
  });
});

test('what has no new field stays the same record', () => {
  expect(after.get('mailbox')?.get('main/a@contoso.test')).toEqual({ id: 'a@contoso.test' });
});
