import { describe, expect, it } from 'vitest';
import { ownerReach, reachOfAll } from '../../../services/alerts/owner-reach.ts';
import { reviewOwners } from '../../../services/alerts/review-owners.ts';
import { closeConversation } from '../../../services/conversations/close-conversation.ts';
import { causeIdOf, type Alert, type Incident } from '../../../services/model/alert.ts';
import type { Fault } from '../../../services/model/fault.ts';
import { untestedOutcome } from '../../../services/model/run.ts';
import { addresses, env, MailroomStage } from '../../support/mailroom-stage.ts';
import { install, meet, review, sent, test } from '../../support/owner-stage.ts';
import { saveSettings } from '../../support/save-settings.ts';

const full: Fault = { code: 'ErrorQuotaExceeded', params: {} };
const tooOld: Fault = { code: 'ServerTooOld', params: { host: 'mail.contoso.test' } };
const [a = '', b = '', c = ''] = addresses(3);
const none = { reached: 0, unreached: 0, withoutAddress: 0, profileOwnersUnreached: 0 };

/** Three mailboxes with one fault. The first has an owner with Mailroom, the second one without. */
async function failing(fault: Fault): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.mailboxes([a, b, c]);
  await stage.change(c, { type: 'queue', owner: 'Sales team', actMethod: 2 });
  await meet(stage, 'kim', a);
  await meet(stage, 'lee', b, false);
  stage.exchange.answer = () => fault;
  await stage.subscribe('alerts', { alerts: 'all' });
  await test(stage, [a, b, c]);
  return stage;
}

/** The open one of the mailboxes, beside the alarm of their profile. */
async function incident(stage: MailroomStage): Promise<Incident> {
  const found = (await stage.all('incident')).find(
    ({ state, code }) => state === 'open' && code !== 'ProfileMostlyFailing',
  );
  if (found === undefined) throw new Error('no incident');
  return found;
}

const reach = async (stage: MailroomStage) => ownerReach(stage.store, await incident(stage));

describe('whom an incident reaches', () => {
  it('is counted by people: those who are told, those without Mailroom, and mailboxes that name nobody', async () => {
    const stage = await failing(full);
    expect(await reach(stage)).toEqual({ ...none, reached: 1, unreached: 1, withoutAddress: 1 });
    await stage.change(c, { owner: a });
    await test(stage, [c]);
    expect(await reach(stage)).toEqual({ ...none, reached: 1, unreached: 1 });
    await stage.change(c, { owner: 'nobody@contoso.test' });
    await test(stage, [c]);
    expect(await reach(stage)).toEqual({ ...none, reached: 1, unreached: 2 });
  });

  it('changes, with the card, when somebody gets Mailroom or loses it', async () => {
    const stage = await failing(full);
    await sent(stage, 'alerts', 'incident');
    await install(stage, 'lee');
    await review(stage);
    expect(await sent(stage, 'alerts', 'incident')).toEqual(['edit']);
    expect(await reach(stage)).toEqual({ ...none, reached: 2, withoutAddress: 1 });
    await closeConversation(stage, await stage.stored('conversation', 'chat-kim'), 'BotNotInConversationRoster');
    await review(stage);
    expect(await sent(stage, 'alerts', 'incident')).toEqual(['edit']);
    expect(await reach(stage)).toEqual({ ...none, reached: 1, unreached: 1, withoutAddress: 1 });
  });

  it('is forgotten with its incident, and the card of a server counts nobody where owners do not hear of servers', async () => {
    const stage = await failing(full);
    stage.exchange.answer = () => null;
    await test(stage, [a, b, c]);
    expect(await stage.all('ownerReach')).toEqual([]);
    stage.exchange.answer = () => tooOld;
    await test(stage, [a, b, c]);
    expect(await reach(stage)).toEqual(none);
    await saveSettings(stage, { notifyMailboxOwner: 'true' });
    await review(stage);
    expect(await reach(stage)).toMatchObject({ reached: 1, unreached: 1 });
  });

  it('is known of all mailboxes, too', async () => {
    const stage = await failing(full);
    expect(await reachOfAll(stage.store, env)).toEqual({ reached: 1, unreached: 1, withoutAddress: 1 });
  });
});

describe('twenty thousand failures at once', () => {
  it('are looked at in few pieces, which grow with those who can be told and not with those who fail', async () => {
    const stage = await MailroomStage.open();
    await stage.profile();
    const many = addresses(2000);
    const causeId = causeIdOf('p1', full.code);
    await stage.mailboxes(many);
    await meet(stage, 'kim', many[0] ?? '');
    await review(stage);
    await stage.sendAll();
    const alert = (address: string): Alert => ({
      environmentId: env,
      mailboxId: address,
      directions: ['incoming'],
      address,
      profileId: 'p1',
      causeId,
      fault: full,
      level: 'error',
      firstAt: 1,
      lastAt: 1,
      count: 1,
    });
    for (let at = 0; at < many.length; at += 500)
      await stage.store.commit(
        many.slice(at, at + 500).flatMap((address) => [
          { kind: 'put', collection: 'alert', key: `${env}/${address}/${full.code}`, value: alert(address) },
          {
            kind: 'put',
            collection: 'outcome',
            key: `${env}/retry/${address}`,
            value: {
              ...untestedOutcome({ environmentId: env, runId: null, mailboxId: address, profileId: 'p1', at: 1 }),
              causes: [{ causeId, fault: full }],
            },
          },
        ]),
      );
    await stage.fold();
    let pieces = 0;
    while (await reviewOwners(stage, env)) pieces += 1;
    // Four of 500 mailboxes and one count.
    expect(pieces).toBe(5);
    expect((await stage.all('ownerAlert')).length).toBe(1);
    expect(await stage.wishes('owner')).toEqual(['chat-kim owner']);
    expect(await reach(stage)).toEqual({ ...none, reached: 1, unreached: 1999 });
  });
});
