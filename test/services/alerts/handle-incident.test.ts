import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { assignTo, handleIncident } from '../../../services/alerts/handle-incident.ts';
import { intentChange } from '../../../services/conversations/intents.ts';
import { recordConversation } from '../../../services/conversations/record-conversation.ts';
import { changeSubscription } from '../../../services/conversations/subscriptions.ts';
import { startIncidentWatch } from '../../../services/jobs/incident-watch.ts';
import { causeIdOf, type Incident } from '../../../services/model/alert.ts';
import type { Fault } from '../../../services/model/fault.ts';
import { snoozedUntil, type HandlingDeed } from '../../../services/model/incident-handling.ts';
import { keyOf } from '../../../services/storage/store.ts';
import {
  abe,
  ada,
  adaChat,
  conversation,
  env,
  MailroomStage,
  pia,
  refusal,
  stranger,
} from '../../support/mailroom-stage.ts';
import { noSuchMailbox } from '../../support/scripted-exchange.ts';
import { hit as hitMailbox, recover as recoverMailbox } from '../../support/troubled-mailboxes.ts';

const minute = 60_000;
const acknowledge: HandlingDeed = { kind: 'acknowledge' };
const mute: HandlingDeed = { kind: 'mute' };
const wake: HandlingDeed = { kind: 'wake' };
let stage: MailroomStage;

/** One incident, whose card stands in the channel `alerts`. */
beforeEach(async () => {
  stage = await MailroomStage.open();
  await stage.profile();
  await recordConversation(stage.store, conversation('alerts'), 0);
  await recordConversation(stage.store, conversation('chat-abe', { kind: 'personal', aadObjectId: 'abe' }), 0);
  await changeSubscription(stage, env, ada, 'alerts', { alerts: 'errors' });
  await hit('kim@contoso.test');
  await send();
});

const hit = (address: string, fault: Fault = noSuchMailbox, causeId = causeIdOf('p1', fault.code)): Promise<void> =>
  hitMailbox(stage, address, fault, { triesLeft: false, causeId });

const recover = (address: string, fault: Fault = noSuchMailbox): Promise<void> => recoverMailbox(stage, address, fault);

/** What the outbox does: the wishes become messages that stand. */
async function send(): Promise<string[]> {
  const wishes = (await stage.all('intent')).filter(({ kind }) => kind === 'incident');
  for (const { subjectId, conversationId, kind } of wishes)
    await stage.store.commit([
      {
        kind: 'put',
        collection: 'message',
        key: keyOf(env, conversationId, kind, subjectId),
        value: { environmentId: env, conversationId, kind, subjectId, activityId: 'a', sentAt: 0, edits: 0 },
      },
    ]);
  await stage.sendAll();
  return wishes.map(({ conversationId, placement }) => `${conversationId} ${placement}`).sort();
}

const only = async (): Promise<Incident> => {
  const [one] = await stage.all('incident');
  if (one === undefined) throw new Error('no incident');
  return one;
};

const deed = async (what: HandlingDeed, who = ada, seen: number | null = null) =>
  handleIncident(stage, env, who, (await only()).id, what, seen);

const trail = async (): Promise<string[]> =>
  (await stage.audit())
    .filter(({ kind }) => kind.startsWith('incident.'))
    .map(({ kind, actorId }) => `${actorId} ${kind}`);

async function watch(): Promise<{ pass(ms: number): Promise<void> }> {
  const job = startIncidentWatch(stage, env);
  onTestFinished(() => job.stop());
  await job.idle();
  return {
    async pass(ms) {
      stage.clock.advance(ms);
      await job.idle();
    },
  };
}

describe('an incident that somebody acknowledges', () => {
  it('says who and when on its card, once, and goes on with its numbers', async () => {
    expect((await deed(acknowledge)).changed).toBe(true);
    expect(await send()).toEqual(['alerts refresh']);
    expect((await deed(acknowledge, abe)).changed).toBe(false);
    await hit('lee@contoso.test');
    const acknowledged = { by: 'ada', byName: 'Ada Admin', at: stage.clock.now() };
    expect(await only()).toMatchObject({ open: 2, handling: { acknowledged } });
    expect(await trail()).toEqual(['ada incident.acknowledged']);
  });

  it('takes a click of a card of before for nothing, and no counter makes a card one of before', async () => {
    await hit('lee@contoso.test');
    expect((await deed(acknowledge, ada, 1)).changed).toBe(true);
    expect((await deed({ kind: 'mute' }, ada, 1)).changed).toBe(false);
    expect((await only()).handling.quiet).toBeNull();
  });

  it('is acknowledged once by fifty clicks at the same moment, whatever the tests report meanwhile', async () => {
    const clicks = Array.from({ length: 50 }, (_, index) => deed(acknowledge, index % 2 === 0 ? ada : abe, 1));
    const done = await Promise.all(clicks);
    expect(done.filter(({ changed }) => changed)).toHaveLength(1);
    expect(await trail()).toHaveLength(1);
  });

  it('takes nothing from people without the right, and none of an id that does not exist', async () => {
    for (const who of [pia, stranger])
      for (const what of [acknowledge, mute, wake, assignTo(who)])
        expect(await refusal(deed(what, who))).toBe('access.denied');
    expect(await refusal(handleIncident(stage, env, ada, '../other/x', acknowledge, null))).toBe('incident.unknown');
    expect(await trail()).toEqual([]);
  });
});

describe('an incident that is assigned', () => {
  it('comes to the chat of its assignee, and stays up to date there until it is resolved', async () => {
    await deed(assignTo(abe));
    expect(await send()).toEqual(['alerts refresh', 'chat-abe repost']);
    await hit('lee@contoso.test');
    expect(await send()).toEqual(['alerts refresh', 'chat-abe refresh']);
    await deed(assignTo(ada));
    expect(await send()).toEqual(['alerts refresh', `${adaChat} repost`, 'chat-abe refresh'].sort());
    await recover('kim@contoso.test');
    await recover('lee@contoso.test');
    expect(await send()).toEqual(['alerts refresh', `${adaChat} refresh`, 'chat-abe refresh'].sort());
    expect(await only()).toMatchObject({ state: 'resolved', handling: { assigned: { personId: 'ada' } } });
  });

  it('comes back after a snooze to whom it belongs, and not to whom it belonged before', async () => {
    const job = await watch();
    await deed(assignTo(abe));
    await send();
    await deed(assignTo(ada));
    await deed({ kind: 'snooze', until: stage.clock.now() + 60 * minute });
    await send();
    await job.pass(59 * minute);
    await job.pass(minute);
    expect(await send()).toEqual(['alerts repost', `${adaChat} repost`, 'chat-abe refresh'].sort());
  });

  it('goes to nobody without a role, and no more to whom lost it', async () => {
    expect(await refusal(deed(assignTo(stranger)))).toBe('incident.assignee');
    await deed(assignTo(abe));
    await send();
    await stage.store.commit([{ kind: 'delete', collection: 'role', key: keyOf(env, 'abe') }]);
    await hit('lee@contoso.test');
    expect(await send()).toEqual(['alerts refresh']);
  });
});

describe('an incident that is snoozed', () => {
  it('begins no new card, keeps the standing ones true, and comes back as the newest message', async () => {
    const job = await watch();
    await deed({ kind: 'snooze', until: snoozedUntil('1h', stage.clock.now(), null) });
    await send();
    await recordConversation(stage.store, conversation('second'), 0);
    await changeSubscription(stage, env, ada, 'second', { alerts: 'all' });
    expect(await send()).toEqual([]);
    await hit('lee@contoso.test');
    expect(await send()).toEqual(['alerts refresh']);
    await job.pass(59 * minute);
    expect(await send()).toEqual([]);
    await job.pass(minute);
    // An outcome before the outbox has its turn makes no silent edit of it.
    await hit('mia@contoso.test');
    expect(await send()).toEqual(['alerts repost', 'second refresh']);
    expect(await only()).toMatchObject({ open: 3, wakeAt: null, handling: { quiet: null } });
    await job.pass(600 * minute);
    expect(await send()).toEqual([]);
    expect(await trail()).toEqual(['ada incident.snoozed', 'system incident.woken']);
  });

  it('comes back once after the process was away at that time', async () => {
    await deed({ kind: 'snooze', until: stage.clock.now() + 60 * minute });
    await send();
    stage.clock.advance(500 * minute);
    await stage.reopen();
    await watch();
    expect(await send()).toEqual(['alerts repost']);
  });

  it('does not come back when it was resolved meanwhile', async () => {
    const job = await watch();
    await deed({ kind: 'snooze', until: stage.clock.now() + 60 * minute });
    await send();
    await recover('kim@contoso.test');
    expect(await send()).toEqual(['alerts refresh']);
    expect(await only()).toMatchObject({ state: 'resolved', wakeAt: null, handling: { quiet: null } });
    await job.pass(120 * minute);
    expect(await send()).toEqual([]);
    expect(await refusal(deed(acknowledge))).toBe('incident.over');
  });
});

describe('an incident that is muted', () => {
  it('stays silent until it is resolved; the next one of its cause is heard', async () => {
    const job = await watch();
    await deed(mute);
    await send();
    await job.pass(10_000 * minute);
    await hit('lee@contoso.test');
    expect(await send()).toEqual(['alerts refresh']);
    await recover('kim@contoso.test');
    await recover('lee@contoso.test');
    await send();
    await hit('kim@contoso.test');
    const fresh = (await stage.all('incident')).find(({ state }) => state === 'open');
    expect(fresh?.handling.quiet).toBeNull();
    expect(await send()).toEqual(['alerts refresh']);
  });

  it('takes a second person where nothing of a profile works', async () => {
    await recover('kim@contoso.test');
    const { key, version, value } = await stage.stored('incident', (await only()).id);
    const critical: Incident = { ...value, state: 'open', open: 1, causeId: causeIdOf('p1', 'CredentialRefused') };
    await stage.store.commit(
      [{ kind: 'put', collection: 'incident', key, value: critical }],
      [{ collection: 'incident', key, version }],
    );
    await deed(mute);
    expect((await only()).handling).toMatchObject({ quiet: null, muteAsked: { by: 'ada' } });
    expect(await refusal(deed(mute))).toBe('incident.mute-alone');
    expect(await refusal(deed(mute, pia))).toBe('access.denied');
    await deed(mute, abe);
    expect((await only()).handling).toMatchObject({ quiet: { by: 'ada', until: null, agreedByName: 'Abe Admin' } });
    expect(await trail()).toEqual(['ada incident.mute-asked', 'abe incident.muted']);
    await deed(wake);
    expect((await only()).handling.quiet).toBeNull();
  });
});

it('an incident that changes is drawn anew in a chat to which its card is on its way, and comes there as it was to come', async () => {
  const { id } = await only();
  // As from a conversation that Teams refuses: drawn already, and Teams has not answered yet.
  const key = keyOf(env, 'chat-abe', 'incident', id);
  await stage.store.commit([intentChange(env, 'incident', id, 'chat-abe', stage.clock.now(), 'repost')]);
  const drawn = await stage.store.get('intent', key);
  await hit('leo@contoso.test');
  const wished = await stage.store.get('intent', key);
  expect(wished?.version, 'the wish of then is not the wish of now').not.toBe(drawn?.version);
  expect(wished?.value.placement).toBe('repost');
});
