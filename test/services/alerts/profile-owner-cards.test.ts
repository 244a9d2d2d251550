import { describe, expect, it } from 'vitest';
import { ownerReach } from '../../../services/alerts/owner-reach.ts';
import { muteOwner } from '../../../services/alerts/owner-notices.ts';
import { missedOwnerCards } from '../../../services/alerts/profile-owner-cards.ts';
import { closeConversation } from '../../../services/conversations/close-conversation.ts';
import { alarmCauseIdOf, type Incident } from '../../../services/model/alert.ts';
import type { Fault } from '../../../services/model/fault.ts';
import { addresses, env, MailroomStage } from '../../support/mailroom-stage.ts';
import { install, sent, test } from '../../support/owner-stage.ts';

const hour = 60 * 60_000;
const tooOld: Fault = { code: 'ServerTooOld', params: { host: 'mail.contoso.test' } };
const full: Fault = { code: 'ErrorQuotaExceeded', params: {} };
const busy: Fault = { code: 'ErrorServerBusy', params: {} };
const [a = '', b = ''] = addresses(2);

/** Abe, an admin, owns the profile and is not subscribed to anything. */
async function stageOf(fault: Fault): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile('p1', { ownerId: 'abe' });
  await stage.mailboxes([a, b]);
  stage.exchange.answer = () => fault;
  return stage;
}

const chat = 'chat-abe';
const came = (stage: MailroomStage) => sent(stage, chat, 'incident');
const missed = async (stage: MailroomStage): Promise<void> => {
  const changes = await missedOwnerCards(stage, env);
  if (changes.length > 0) await stage.store.commit(changes);
};
const openIncident = async (stage: MailroomStage): Promise<Incident> => {
  const open = (await stage.all('incident')).find(({ state }) => state === 'open');
  if (open === undefined) throw new Error('no open incident');
  return open;
};

describe('the owner of a profile', () => {
  it('has the card of its server in their own chat, edited while it changes', async () => {
    const stage = await stageOf(tooOld);
    await install(stage, 'abe');
    await test(stage, [a]);
    expect(await came(stage)).toEqual(['new']);
    await test(stage, [b]);
    expect(await came(stage)).toEqual(['edit']);
    stage.exchange.answer = () => null;
    await test(stage, [a, b]);
    expect(await came(stage)).toEqual(['edit']);
  });

  it('has no card of what concerns single mailboxes, or passes', async () => {
    for (const fault of [full, busy]) {
      const stage = await stageOf(fault);
      await install(stage, 'abe');
      await test(stage, [a]);
      expect([fault.code, await came(stage)]).toEqual([fault.code, []]);
    }
  });

  it('has none without a role that may read it, and none of another’s profile', async () => {
    const stage = await stageOf(tooOld);
    await install(stage, 'abe');
    await stage.store.commit([{ kind: 'delete', collection: 'role', key: `${env}/abe` }]);
    await test(stage, [a]);
    expect(await came(stage)).toEqual([]);
    const other = await stageOf(tooOld);
    await install(other, 'abe');
    await other.changeProfile('p1', { ownerId: 'pia' });
    await test(other, [a]);
    expect(await came(other)).toEqual([]);
  });

  it('gets it when they have Mailroom, or end their silence, or become the owner only later', async () => {
    const stage = await stageOf(tooOld);
    await test(stage, [a]);
    expect(await came(stage)).toEqual([]);
    expect(await ownerReach(stage.store, await openIncident(stage))).toMatchObject({ profileOwnersUnreached: 1 });
    await install(stage, 'abe');
    await muteOwner(stage, env, 'abe', true);
    await missed(stage);
    expect(await came(stage)).toEqual([]);
    await muteOwner(stage, env, 'abe', false);
    await missed(stage);
    expect(await came(stage)).toEqual(['new']);
    await missed(stage);
    expect(await came(stage)).toEqual([]);
    expect(await ownerReach(stage.store, await openIncident(stage))).toMatchObject({ profileOwnersUnreached: 0 });
    await stage.changeProfile('p1', { ownerId: 'pia' });
    await install(stage, 'pia');
    await missed(stage);
    expect(await sent(stage, 'chat-pia', 'incident')).toEqual(['new']);
  });

  it('is not called anew each time that a cause comes and goes, but of one that stays', async () => {
    const stage = await stageOf(tooOld);
    await install(stage, 'abe');
    const cards: unknown[] = [];
    for (let round = 0; round < 4; round += 1) {
      stage.exchange.answer = () => tooOld;
      await test(stage, [a]);
      cards.push(...(await came(stage)).filter((one) => one === 'new'));
      stage.exchange.answer = () => null;
      await test(stage, [a]);
      await came(stage);
      stage.clock.advance(60_000);
    }
    expect(cards).toEqual(['new']);
    stage.exchange.answer = () => tooOld;
    await test(stage, [a]);
    expect(await came(stage)).toEqual([]);
    stage.clock.advance(hour);
    await missed(stage);
    expect(await came(stage)).toEqual(['new']);
  });

  it('counts as one who cannot be reached when Teams takes no messages for them', async () => {
    const stage = await stageOf(tooOld);
    await install(stage, 'abe');
    await closeConversation(stage, await stage.stored('conversation', chat), 'BotNotInConversationRoster');
    await test(stage, [a]);
    expect(await came(stage)).toEqual([]);
    expect(await ownerReach(stage.store, await openIncident(stage))).toMatchObject({ profileOwnersUnreached: 1 });
  });

  it('hears that most of the profile fails where the profile says so', async () => {
    const stage = await stageOf(tooOld);
    await install(stage, 'abe');
    await test(stage, [a]);
    await came(stage);
    const alarm: Incident = {
      ...(await openIncident(stage)),
      id: 'ALARM123',
      causeId: alarmCauseIdOf('p1'),
      code: 'ProfileMostlyFailing',
      fault: { code: 'ProfileMostlyFailing', params: {} },
    };
    await stage.store.commit([{ kind: 'put', collection: 'incident', key: `${env}/ALARM123`, value: alarm }]);
    await missed(stage);
    expect(await came(stage)).toEqual([]);
    await stage.changeProfile('p1', { sendEmailAlert: true });
    await missed(stage);
    expect(await came(stage)).toEqual(['new']);
  });
});
