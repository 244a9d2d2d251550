import { beforeEach, describe, expect, it } from 'vitest';
import { recordConversation } from '../../../services/conversations/record-conversation.ts';
import { changeSubscription, nothingComes } from '../../../services/conversations/subscriptions.ts';
import { unheardNow } from '../../../services/conversations/unheard-errors.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { abe, ada, conversation, env, MailroomStage } from '../../support/mailroom-stage.ts';

let stage: MailroomStage;

beforeEach(async () => {
  stage = await MailroomStage.open();
  await stage.profile('p1');
  for (const person of ['abe', 'pia', 'audit'])
    await recordConversation(stage.store, conversation(`chat-${person}`, { kind: 'personal', aadObjectId: person }), 0);
  for (const id of ['one', 'two']) await recordConversation(stage.store, conversation(id), 0);
});

const notices = async (): Promise<string[]> => {
  const told = (await stage.all('intent')).filter(({ kind }) => kind === 'alerts-unheard');
  await stage.sendAll();
  return told.map(({ conversationId, placement }) => `${conversationId} ${placement}`).sort();
};

const unheard = async (): Promise<string[]> => (await unheardNow(stage.store, env)).map(({ id }) => id);

describe('errors that come to nobody any more (law 10)', () => {
  it('are told to all other admins and to the approvers, in the commit that silences them', async () => {
    await stage.subscribe('one', { alerts: 'errors' });
    await stage.subscribe('two', { alerts: 'all' });
    await changeSubscription(stage, env, ada, 'one', nothingComes);
    expect(await notices()).toEqual([]);
    await changeSubscription(stage, env, ada, 'two', nothingComes);
    expect(await notices()).toEqual(['chat-abe repost', 'chat-pia repost']);
    expect(await unheard()).toEqual(['p1']);
    await changeSubscription(stage, env, abe, 'one', { alerts: 'errors' });
    expect([await notices(), await unheard()]).toEqual([[], []]);
  });

  it.each([
    ['a nature is left out', { nature: 'transient' }],
    ['only another profile is left', { alerts: null, profiles: { p2: 'all' } }],
  ] as const)('are told as well where %s', async (_what, change) => {
    await stage.profile('p2');
    await stage.subscribe('one', { alerts: 'errors' });
    await stage.subscribe('one', change);
    expect(await notices()).toEqual(['chat-abe repost', 'chat-pia repost']);
  });

  it.each([
    ['warnings are left out', { alerts: 'errors' }],
    ['quiet hours begin', { quietHours: { from: '22:00', to: '07:00', timeZone: 'UTC' } }],
    ['approval cards go', { approvals: false }],
  ] as const)('are not told where %s', async (_what, change) => {
    await stage.subscribe('one', { alerts: 'all', approvals: true });
    await stage.subscribe('one', change);
    expect(await notices()).toEqual([]);
  });

  it.each([
    ['the own chat of whoever silences them', { kind: 'personal', aadObjectId: 'ada' }],
    ['a group chat that the same person subscribed', { kind: 'groupChat' }],
  ] as const)('are told where they are left in %s', async (_what, about) => {
    await recordConversation(stage.store, conversation('corner', about), 0);
    await changeSubscription(stage, env, abe, 'one', { alerts: 'errors' });
    await changeSubscription(stage, env, ada, 'corner', { alerts: 'errors' });
    expect(await notices()).toEqual([]);
    await changeSubscription(stage, env, ada, 'one', nothingComes);
    expect(await notices()).toEqual(['chat-abe repost', 'chat-pia repost']);
    expect((await unheardNow(stage.store, env, ada.aadObjectId)).map(({ id }) => id)).toEqual(['p1']);
  });

  it("are not told where another person's chat still hears them", async () => {
    await changeSubscription(stage, env, ada, 'one', { alerts: 'errors' });
    await changeSubscription(stage, env, abe, 'chat-abe', { alerts: 'errors' });
    await changeSubscription(stage, env, ada, 'one', nothingComes);
    expect(await notices()).toEqual([]);
  });

  it('are told where the other place is one that Teams refuses', async () => {
    await stage.subscribe('one', { alerts: 'errors' });
    await stage.subscribe('two', { alerts: 'errors' });
    const { key, value } = await stage.stored('conversation', 'two');
    const dead = { ...value, deadReason: 'BotNotInConversationRoster' };
    await stage.store.commit([{ kind: 'put', collection: 'conversation', key, value: dead }]);
    await stage.sendAll();
    await stage.subscribe('one', { alerts: null });
    expect(await notices()).toEqual(['chat-abe repost', 'chat-pia repost']);
  });

  it('are told to whoever did it where there is nobody else', async () => {
    for (const person of ['abe', 'pia', 'pete'])
      await stage.store.commit([{ kind: 'delete', collection: 'role', key: keyOf(env, person) }]);
    await stage.subscribe('one', { alerts: 'errors' });
    await stage.subscribe('one', { alerts: null });
    expect(await notices()).toEqual(['chat-ada repost']);
  });
});
