import { expect, it } from 'vitest';
import { draftIntents } from '../../../services/conversations/draft-intents.ts';
import { personalConversation, recordConversation } from '../../../services/conversations/record-conversation.ts';
import { changeSubscription, nothingComes, subscribeProfile } from '../../../services/conversations/subscriptions.ts';
import type { Incident } from '../../../services/model/alert.ts';
import type { ApprovalRequest } from '../../../services/model/approval-request.ts';
import { startDraft } from '../../../services/profiles/start-draft.ts';
import { keyOf, type Change } from '../../../services/storage/store.ts';
import { incidentRecord } from '../../support/incident-record.ts';
import { ada, adaChat, conversation, env, MailroomStage, pia, refusal } from '../../support/mailroom-stage.ts';

const incident = (id: string, level: Incident['level'], state: Incident['state'] = 'open'): Incident =>
  incidentRecord(env, id, 0, { causeId: id, level, state, open: state === 'open' ? 1 : 0 });
const request = (id: string, pending: number): ApprovalRequest => ({
  environmentId: env,
  id,
  requestedBy: 'ada',
  requestedByName: 'Ada',
  requestedAt: 0,
  conversationId: adaChat,
  total: 3,
  pending,
  approved: 3 - pending,
  rejected: 0,
  testWhenApproved: false,
  lastDecision: null,
  questions: [],
  withdrawal: null,
  approverSetId: null,
  stage: 'open',
  dueAt: null,
  revision: 1,
});

async function stageWithOpenThings(): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.store.commit([
    ...[incident('i-error', 'error'), incident('i-warning', 'warning'), incident('i-old', 'error', 'resolved')].map(
      (value) => ({ kind: 'put', collection: 'incident', key: keyOf(env, value.id), value }) as const,
    ),
    ...[request('r-open', 2), request('r-decided', 0)].map(
      (value) => ({ kind: 'put', collection: 'approvalRequest', key: keyOf(env, value.id), value }) as const,
    ),
  ]);
  return stage;
}

const subjects = async (stage: MailroomStage): Promise<string[]> =>
  (await stage.all('intent')).map((intent) => intent.subjectId).sort();

it('remembers a conversation and writes only what changed', async () => {
  const stage = await MailroomStage.open();
  const seen = conversation('c1');
  await recordConversation(stage.store, seen, 0);
  const first = await stage.stored('conversation', 'c1');
  await recordConversation(stage.store, seen, 0);
  expect((await stage.stored('conversation', 'c1')).version).toBe(first.version);
  await recordConversation(stage.store, { ...seen, serviceUrl: 'https://smba.example/emea/' }, 0);
  expect((await stage.get('conversation', 'c1')).serviceUrl).toBe('https://smba.example/emea/');
});

it('brings a conversation that was marked dead back to life when somebody writes there', async () => {
  const stage = await MailroomStage.open();
  await recordConversation(stage.store, conversation('c1'), 0);
  const { key, value } = await stage.stored('conversation', 'c1');
  await stage.store.commit([
    { kind: 'put', collection: 'conversation', key, value: { ...value, deadReason: 'blocked' } },
  ]);
  await recordConversation(stage.store, conversation('c1'), 0);
  expect((await stage.get('conversation', 'c1')).deadReason).toBeNull();
});

it('survives two messages of a new conversation at once', async () => {
  const stage = await MailroomStage.open();
  await Promise.all([
    recordConversation(stage.store, conversation('c1'), 0),
    recordConversation(stage.store, conversation('c1', { name: 'Renamed' }), 0),
  ]);
  expect((await stage.get('conversation', 'c1')).name).toBe('Renamed');
});

it('finds the personal chat of a person, and nobody else’s', async () => {
  const stage = await MailroomStage.open();
  expect((await personalConversation(stage.store, env, 'ada'))?.value.conversationId).toBe(adaChat);
  expect(await personalConversation(stage.store, env, 'pia')).toBeUndefined();
});

it('shows a draft where it began, and in the owner’s own chat once there is a form for the password (law 3)', async () => {
  const stage = await MailroomStage.open();
  const { draft } = await startDraft(stage, env, ada, 'channel');
  const places = async (secretRequestId: string | null): Promise<unknown[]> =>
    (await draftIntents(stage.store, { ...draft, secretRequestId }, 0)).map(
      (change) => change.kind === 'put' && change.collection === 'intent' && change.value.conversationId,
    );
  expect(await places(null)).toEqual(['channel']);
  expect(await places('s1')).toEqual(['channel', adaChat]);
});

it('shows the open approval requests at once where approvers shall see them, and no decided one', async () => {
  const stage = await stageWithOpenThings();
  await stage.subscribe('c1', { approvals: true });
  expect(await subjects(stage)).toEqual(['r-open']);
  await stage.sendAll();
  // Saying it again repeats nothing.
  await stage.subscribe('c1', { approvals: true });
  expect(await subjects(stage)).toEqual([]);
});

it.each([
  ['errors', ['i-error'], []],
  ['warnings', ['i-error'], [true]],
  ['all', ['i-error'], [true]],
  [null, [], []],
] as const)(
  'shows the open errors of a new subscription to %s at once, and has warnings in its digest',
  async (alerts, shown, told) => {
    const stage = await stageWithOpenThings();
    await stage.subscribe('c1', { alerts });
    expect(await subjects(stage)).toEqual(shown);
    expect((await stage.all('alertDigest')).map(({ hasNews }) => hasNews)).toEqual(told);
  },
);

it('shows what a wider subscription adds, so that nothing waits unseen', async () => {
  const stage = await stageWithOpenThings();
  await stage.subscribe('c1', { profiles: { other: 'all' } });
  expect([await subjects(stage), await stage.all('alertDigest')]).toEqual([[], []]);
  await stage.subscribe('c1', { alerts: 'errors' });
  expect([await subjects(stage), await stage.all('alertDigest')]).toEqual([['i-error'], []]);
  await stage.sendAll();
  await stage.subscribe('c1', { alerts: 'all' });
  expect(await subjects(stage)).toEqual([]);
  expect(await stage.all('alertDigest')).toMatchObject([{ conversationId: 'c1', hasNews: true, cardsWait: false }]);
});

it('leaves alone what a change does not name, and writes every change down', async () => {
  const stage = await MailroomStage.open();
  await stage.subscribe('c1', { alerts: 'errors' });
  await stage.subscribe('c1', { approvals: true });
  await stage.subscribe('c1', { alerts: null });
  expect(await stage.get('subscription', 'c1')).toMatchObject({ alerts: null, approvals: true, revision: 3 });
  expect((await stage.audit('subscription.changed')).map(({ actorId, details }) => [actorId, details])).toEqual([
    ['ada', { alerts: 'errors', approvals: false, 'alerts.before': null, 'approvals.before': false }],
    ['ada', { alerts: 'errors', approvals: true, 'alerts.before': 'errors', 'approvals.before': false }],
    ['ada', { alerts: null, approvals: true, 'alerts.before': 'errors', 'approvals.before': true }],
  ]);
});

it('writes down quiet hours, nature and digest with what was before, and forgets them with the last alert', async () => {
  const stage = await MailroomStage.open();
  await stage.subscribe('c1', { alerts: 'errors' });
  const quietHours = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' };
  const digest = { time: '08:00', timeZone: 'Europe/Berlin' };
  await stage.subscribe('c1', { nature: 'permanent', quietHours, digest });
  await stage.subscribe('c1', nothingComes);
  const details = (await stage.audit('subscription.changed')).map((entry) => entry.details);
  expect(details[1]).toMatchObject({
    nature: 'permanent',
    'nature.before': null,
    quietHours: '22:00–07:00 Europe/Berlin',
    'quietHours.before': null,
    digest: '08:00 Europe/Berlin',
    'digest.before': null,
  });
  expect(details[2]).toMatchObject({
    alerts: null,
    'nature.before': 'permanent',
    'digest.before': '08:00 Europe/Berlin',
  });
  await stage.subscribe('c1', { alerts: 'all' });
  expect(await stage.get('subscription', 'c1')).toMatchObject({ nature: null, quietHours: null, digest: null });
});

it('changes nothing for whoever saw an older card, and gives what holds', async () => {
  const stage = await MailroomStage.open();
  await stage.subscribe('c1', { alerts: 'errors' });
  await stage.subscribe('c1', { alerts: 'all' });
  expect(await changeSubscription(stage, env, ada, 'c1', nothingComes, 1)).toMatchObject({
    alerts: 'all',
    revision: 2,
  });
  const clicks = Array.from({ length: 20 }, () => changeSubscription(stage, env, ada, 'c1', nothingComes, 2));
  expect((await Promise.all(clicks)).map(({ alerts, revision }) => [alerts, revision])).toEqual(
    clicks.map(() => [null, 3]),
  );
  expect(await stage.audit('subscription.changed')).toHaveLength(3);
});

it('lets only those subscribe a channel who may', async () => {
  const stage = await MailroomStage.open();
  expect(await refusal(changeSubscription(stage, env, pia, 'c1', { approvals: true }))).toBe('access.denied');
  expect(await stage.all('subscription')).toEqual([]);
});

it('adds single profiles to what comes of all, shows what that adds, and writes it down', async () => {
  const stage = await stageWithOpenThings();
  const profile = { id: 'p1', name: 'Contoso' };
  expect(await refusal(subscribeProfile(stage, env, pia, 'c1', profile, 'all'))).toBe('access.denied');
  await subscribeProfile(stage, env, ada, 'c1', { id: 'p2', name: 'Fabrikam' }, 'all');
  expect(await subjects(stage)).toEqual([]);
  await subscribeProfile(stage, env, ada, 'c1', profile, 'errors');
  expect(await subjects(stage)).toEqual(['i-error']);
  await stage.sendAll();
  // Nothing comes twice where the general subscription covers it as well.
  await stage.subscribe('c1', { alerts: 'warnings' });
  expect(await subjects(stage)).toEqual([]);
  expect(await stage.all('alertDigest')).toMatchObject([{ hasNews: true }]);
  expect(await stage.get('subscription', 'c1')).toMatchObject({
    alerts: 'warnings',
    profiles: { p1: 'errors', p2: 'all' },
    revision: 3,
  });
  expect((await stage.audit('subscription.profile-changed')).map(({ details }) => details)).toEqual([
    { name: 'Fabrikam', alerts: 'all', before: null },
    { name: 'Contoso', alerts: 'errors', before: null },
  ]);
  await changeSubscription(stage, env, ada, 'c1', { alerts: null, profiles: {} });
  expect((await stage.audit('subscription.changed')).at(-1)?.details).toMatchObject({
    profiles: '',
    'profiles.before': 'p2 (all), p1 (errors)',
  });
  await stage.sendAll();
  await stage.subscribe('c1', { approvals: true });
  expect(await subjects(stage)).not.toContain('i-error');
});

it('a conversation that lives again gets every open incident and request, also where thousands are known', async () => {
  const stage = await MailroomStage.open();
  const count = 1200;
  const named = Array.from({ length: count }, (_unused, index) => `n${index}`);
  const dead = { ...conversation('channel'), locale: 'en', language: null, deadReason: 'gone', deadSince: 1 } as const;
  await recordConversation(stage.store, conversation('channel'), 0);
  await changeSubscription(stage, env, ada, 'channel', { alerts: 'errors', approvals: true });
  await stage.store.commit([
    {
      kind: 'put',
      collection: 'conversation',
      key: keyOf(env, 'channel'),
      value: { ...dead, deathNotice: null, revision: 2 },
    },
    ...named.flatMap((id): Change[] => [
      { kind: 'put', collection: 'incident', key: keyOf(env, id), value: incident(id, 'error') },
      // Most are decided.
      {
        kind: 'put',
        collection: 'approvalRequest',
        key: keyOf(env, id),
        value: request(id, id === named.at(-1) || id === 'n999' ? 1 : 0),
      },
    ]),
  ]);
  await recordConversation(stage.store, conversation('channel'), 2);
  const wished = (await stage.all('intent')).filter(({ conversationId }) => conversationId === 'channel');
  expect(wished.filter(({ kind }) => kind === 'incident')).toHaveLength(count);
  expect(wished.filter(({ kind }) => kind === 'approval').map(({ subjectId }) => subjectId)).toEqual(['n1199', 'n999']);
});
