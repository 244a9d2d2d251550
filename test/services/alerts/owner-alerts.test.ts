import { describe, expect, it } from 'vitest';
import { muteOwner, readOwnerView, ringOwed } from '../../../services/alerts/owner-notices.ts';
import { closeConversation } from '../../../services/conversations/close-conversation.ts';
import { editMailbox } from '../../../services/mailboxes/edit-mailbox.ts';
import type { Fault } from '../../../services/model/fault.ts';
import { serverCauseIdOf } from '../../../services/model/alert.ts';
import { ringEveryMs } from '../../../services/model/owner-alert.ts';
import type { OwnerView } from '../../../services/model/owner-view.ts';
import { rememberPerson } from '../../../services/people/known-people.ts';
import { install, meet, review, sent, test } from '../../support/owner-stage.ts';
import { ada, adaChat, env, MailroomStage } from '../../support/mailroom-stage.ts';
import { saveSettings } from '../../support/save-settings.ts';
import type { Answer } from '../../support/scripted-exchange.ts';

const kim = 'kim@contoso.test';
const sales = 'sales@contoso.test';
const other = 'other@contoso.test';
const minute = 60_000;

const full: Fault = { code: 'ErrorQuotaExceeded', params: { address: kim } };
const denied: Fault = { code: 'ErrorAccessDenied', params: { address: kim, account: 'svc-mailroom@contoso.test' } };
const moving: Fault = { code: 'ErrorMailboxMoveInProgress', params: { address: kim } };
const refused: Fault = { code: 'ConnectionRefused', params: { host: 'mail.contoso.test' } };

/** Kim has Mailroom, and owns her own mailbox and a queue; another user's mailbox fails with hers. */
async function stageOf(faults: Readonly<Record<string, Answer>> = {}): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.mailboxes([kim, other]);
  await stage.mailboxes([sales], { type: 'queue', owner: kim, actMethod: 2 });
  await meet(stage, 'kim', kim);
  answers(stage, faults);
  await review(stage);
  return stage;
}

function answers(stage: MailroomStage, faults: Readonly<Record<string, Answer>>): void {
  stage.exchange.answer = (address) => faults[address] ?? null;
}

const view = (stage: MailroomStage, person = 'kim'): Promise<OwnerView> => readOwnerView(stage, env, person);
const troubles = async (stage: MailroomStage, person = 'kim'): Promise<string[]> =>
  (await view(stage, person)).troubles.map(({ address, matter, level }) => `${address} ${matter} ${level}`);

describe('the owner of a mailbox', () => {
  it('is told of what fails in their own chat, and of nobody else’s mailbox', async () => {
    const stage = await stageOf({ [kim]: full, [other]: full });
    await test(stage, [kim, other]);
    expect(await sent(stage, 'chat-kim')).toEqual(['new']);
    expect(await troubles(stage)).toEqual([`${kim} full error`]);
    expect((await stage.wishes('owner')).length).toBe(0);
  });

  it('has one card for all their mailboxes, which is edited', async () => {
    const stage = await stageOf({ [kim]: full, [sales]: denied });
    await test(stage, [kim, sales]);
    expect(await sent(stage, 'chat-kim')).toEqual(['new']);
    expect((await troubles(stage)).toSorted()).toEqual([`${kim} full error`, `${sales} access error`]);
    answers(stage, { [sales]: denied });
    await test(stage, [kim]);
    expect(await sent(stage, 'chat-kim')).toEqual(['edit']);
    expect(await troubles(stage)).toEqual([`${sales} access error`]);
  });

  it('reads that all is well again and since when it was not, by an edit of the card', async () => {
    const stage = await stageOf({ [kim]: full });
    await test(stage, [kim]);
    await sent(stage, 'chat-kim');
    const brokeAt = stage.clock.now();
    stage.clock.advance(3 * ringEveryMs);
    answers(stage, {});
    await test(stage, [kim]);
    expect(await sent(stage, 'chat-kim')).toEqual(['edit']);
    expect(await view(stage)).toMatchObject({
      failing: 0,
      working: 1,
      news: { kind: 'over', since: brokeAt, at: stage.clock.now() },
    });
  });

  it('hears once that a mailbox works for the first time, and not at each later test', async () => {
    const stage = await stageOf();
    await test(stage, [kim]);
    expect(await sent(stage, 'chat-kim')).toEqual(['new']);
    expect((await view(stage)).news).toMatchObject({ kind: 'works' });
    stage.clock.advance(2 * ringEveryMs);
    await test(stage, [kim]);
    expect(await sent(stage, 'chat-kim')).toEqual([]);
  });

  it('hears nothing of a success where the organization does not want information', async () => {
    const stage = await stageOf();
    await stage.settings({ alertsForInformation: false });
    await test(stage, [kim]);
    expect(await sent(stage, 'chat-kim')).toEqual([]);
  });

  it('hears nothing of levels that are switched off, and of what passes only when it becomes an error', async () => {
    const stage = await stageOf({ [kim]: moving });
    stage.retry = { attempts: 2, delayMs: minute };
    await stage.settings({ alertsForWarnings: false });
    await test(stage, [kim]);
    expect(await sent(stage, 'chat-kim')).toEqual([]);
    stage.clock.advance(minute);
    await stage.work();
    await review(stage);
    expect(await sent(stage, 'chat-kim')).toEqual(['new']);
    expect(await troubles(stage)).toEqual([`${kim} passing error`]);
  });

  it('is called again when a passing fault becomes one to act on, though not twice in an hour', async () => {
    const stage = await stageOf({ [kim]: moving });
    stage.retry = { attempts: 2, delayMs: 10 * minute };
    await test(stage, [kim]);
    expect(await sent(stage, 'chat-kim')).toEqual(['new']);
    stage.clock.advance(10 * minute);
    await stage.work();
    await review(stage);
    expect(await sent(stage, 'chat-kim')).toEqual(['edit']);
    expect(await ringOwed(stage, env)).toBe(0);
    stage.clock.advance(50 * minute);
    expect(await ringOwed(stage, env)).toBe(1);
    expect(await sent(stage, 'chat-kim')).toEqual(['new']);
    expect(await ringOwed(stage, env)).toBe(0);
  });

  it('is not called later about what is over meanwhile', async () => {
    const stage = await stageOf({ [kim]: full });
    await test(stage, [kim]);
    answers(stage, { [sales]: full });
    await test(stage, [kim, sales]);
    answers(stage, {});
    await test(stage, [sales]);
    await sent(stage, 'chat-kim');
    stage.clock.advance(2 * ringEveryMs);
    expect(await ringOwed(stage, env)).toBe(0);
    expect(await sent(stage, 'chat-kim')).toEqual([]);
  });

  it('keeps a call that was not sent yet over an edit that comes in between', async () => {
    const stage = await stageOf({ [kim]: full });
    await test(stage, [kim]);
    await sent(stage, 'chat-kim');
    stage.clock.advance(2 * ringEveryMs);
    answers(stage, { [sales]: full });
    await test(stage, [sales]);
    answers(stage, { [sales]: denied });
    await test(stage, [sales]);
    expect(await sent(stage, 'chat-kim')).toEqual(['new']);
  });
});

describe('faults of the server', () => {
  it('are not told to owners, unless the organization wants it', async () => {
    const stage = await stageOf({ [kim]: refused, [other]: refused });
    await test(stage, [kim, other]);
    expect(await sent(stage, 'chat-kim')).toEqual([]);
    await saveSettings(stage, { notifyMailboxOwner: 'true' });
    await review(stage);
    expect(await sent(stage, 'chat-kim')).toEqual(['new']);
    expect(await troubles(stage)).toEqual([`${kim} server warning`]);
    await saveSettings(stage, { notifyMailboxOwner: 'false' });
    await review(stage);
    expect(await sent(stage, 'chat-kim')).toEqual(['edit']);
    expect(await troubles(stage)).toEqual([]);
  });

  it('are told to those whose checks wait for a server, when it goes and when it comes back', async () => {
    const stage = await stageOf();
    await stage.settings({ notifyMailboxOwner: true });
    await test(stage, [kim]);
    await sent(stage, 'chat-kim');
    stage.clock.advance(2 * ringEveryMs);
    const causes = [{ causeId: serverCauseIdOf('mail.contoso.test'), fault: refused }];
    const outcome = (at: number) => ({
      environmentId: env,
      runId: null,
      mailboxId: '',
      profileId: 'p1',
      phases: [],
      fault: null,
      willRetry: false,
      at,
      markerFound: false,
      causes,
      folded: false,
    });
    const outage = {
      environmentId: env,
      host: 'mail.contoso.test',
      fault: refused,
      level: 'error',
      profileIds: ['p1'],
      profileName: 'Contoso p1',
      waiting: 1,
      since: stage.clock.now() - minute,
    } as const;
    await stage.store.commit([
      { kind: 'put', collection: 'outage', key: `${env}/mail.contoso.test`, value: outage },
      { kind: 'put', collection: 'outcome', key: `${env}/outage/mail.contoso.test/1`, value: outcome(1) },
    ]);
    await stage.fold();
    await review(stage);
    expect(await sent(stage, 'chat-kim')).toEqual(['new']);
    expect(await troubles(stage)).toEqual([`${kim} server error`]);
    await stage.store.commit([
      { kind: 'delete', collection: 'outage', key: `${env}/mail.contoso.test` },
      { kind: 'put', collection: 'outcome', key: `${env}/outage/mail.contoso.test/2`, value: outcome(2) },
    ]);
    await stage.fold();
    await review(stage);
    expect(await sent(stage, 'chat-kim')).toEqual(['edit']);
    expect(await troubles(stage)).toEqual([]);
  });
});

describe('who is the owner', () => {
  it('is whoever signs in with the address, also where it is written in capitals', async () => {
    const stage = await stageOf({ [sales]: full });
    const { revision } = await stage.mailbox(sales);
    const edited = await editMailbox(stage, env, ada, sales, revision, { owner: ' Kim@CONTOSO.test ' }, adaChat);
    expect(edited.mailbox.owner).toBe(kim);
    await test(stage, [sales]);
    expect(await sent(stage, 'chat-kim')).toEqual(['new']);
  });

  it('is nobody by a name, however much it is theirs, and nobody by a list', async () => {
    const stage = await stageOf({ [sales]: full });
    for (const owner of ['Kim', `${kim};${other}`, `${kim} `.repeat(9), `[${kim}](mailto:${kim})`, '']) {
      await stage.change(sales, { owner });
      await test(stage, [sales]);
      expect([owner, await sent(stage, 'chat-kim')]).toEqual([owner, []]);
    }
  });

  it('is of a user’s mailbox its user, where nobody is known by what it names as its owner', async () => {
    const stage = await stageOf({ [kim]: full });
    await stage.change(kim, { owner: 'boss@contoso.test' });
    await test(stage, [kim]);
    expect(await sent(stage, 'chat-kim')).toEqual(['new']);
    await meet(stage, 'boss', 'boss@contoso.test');
    await review(stage);
    // Now it is the boss who is known by the owner's address: one card goes, the other comes.
    expect(await sent(stage, 'chat-boss')).toEqual(['new']);
    expect(await troubles(stage, 'boss')).toEqual([`${kim} full error`]);
    expect(await troubles(stage)).toEqual([]);
  });

  it('is whoever the roster vouched for last: who had the address before is told no more', async () => {
    const stage = await stageOf({ [kim]: full });
    await test(stage, [kim]);
    await sent(stage, 'chat-kim');
    await meet(stage, 'newkim', kim);
    await review(stage);
    expect(await sent(stage, 'chat-newkim')).toEqual(['new']);
    expect(await view(stage)).toMatchObject({ account: null, troubles: [], failing: 0, sample: [] });
    expect(await troubles(stage, 'newkim')).toEqual([`${kim} full error`]);
    expect((await stage.all('ownerAlert')).map(({ aadObjectId }) => aadObjectId)).toEqual(['newkim']);
  });

  it('changes by an edit: the card of before shows the mailbox no more', async () => {
    const stage = await stageOf({ [sales]: full });
    await meet(stage, 'boss', 'boss@contoso.test');
    await test(stage, [sales]);
    await sent(stage, 'chat-kim');
    const { revision } = await stage.mailbox(sales);
    await editMailbox(stage, env, ada, sales, revision, { owner: 'boss@contoso.test' }, adaChat);
    await review(stage);
    const intents = (await stage.all('intent')).filter(({ kind }) => kind === 'owner');
    expect(intents.map(({ conversationId, placement }) => `${conversationId} ${placement}`).toSorted()).toEqual([
      'chat-boss repost',
      'chat-kim refresh',
    ]);
    expect([await troubles(stage), await troubles(stage, 'boss')]).toEqual([[], [`${sales} full error`]]);
  });
});

describe('a person who is learned later', () => {
  it('is shown what fails already, once', async () => {
    const stage = await MailroomStage.open();
    await stage.profile();
    await stage.mailboxes([kim, other]);
    answers(stage, { [kim]: full });
    await test(stage, [kim, other]);
    expect(await stage.wishes('owner')).toEqual([]);
    await meet(stage, 'kim', kim);
    await review(stage);
    expect(await sent(stage, 'chat-kim')).toEqual(['new']);
    await rememberPerson(stage.store, { ...(await stage.get('person', 'kim')), name: 'Kim A.' });
    await review(stage);
    expect(await sent(stage, 'chat-kim')).toEqual([]);
  });

  it('is not told of what has worked for long', async () => {
    const stage = await MailroomStage.open();
    await stage.profile();
    await stage.mailboxes([kim]);
    await test(stage, [kim]);
    await meet(stage, 'kim', kim);
    await review(stage);
    stage.clock.advance(minute);
    await test(stage, [kim]);
    expect(await sent(stage, 'chat-kim')).toEqual([]);
    expect(await view(stage)).toMatchObject({ working: 1, failing: 0 });
  });

  it('is told when Mailroom is installed for them, having spoken in a channel before', async () => {
    const stage = await MailroomStage.open();
    await stage.profile();
    await stage.mailboxes([kim]);
    await meet(stage, 'kim', kim, false);
    answers(stage, { [kim]: full });
    await test(stage, [kim]);
    expect(await stage.wishes('owner')).toEqual([]);
    await install(stage, 'kim');
    await review(stage);
    expect(await sent(stage, 'chat-kim')).toEqual(['new']);
  });

  it('is told again after the app was removed and came back', async () => {
    const stage = await stageOf({ [kim]: full });
    await test(stage, [kim]);
    await sent(stage, 'chat-kim');
    await closeConversation(stage, await stage.stored('conversation', 'chat-kim'), 'BotNotInConversationRoster');
    await review(stage);
    expect([await stage.all('ownerAlert'), await stage.all('ownerNotice')]).toEqual([[], []]);
    await test(stage, [kim]);
    expect(await sent(stage, 'chat-kim')).toEqual([]);
    await install(stage, 'kim');
    await review(stage);
    expect(await sent(stage, 'chat-kim')).toEqual(['new']);
  });
});

describe('silence', () => {
  it('keeps the card true and calls nobody, until it is taken back', async () => {
    const stage = await stageOf({ [kim]: full });
    await test(stage, [kim]);
    await sent(stage, 'chat-kim');
    await muteOwner(stage, env, 'kim', true);
    await sent(stage, 'chat-kim');
    stage.clock.advance(2 * ringEveryMs);
    answers(stage, { [kim]: full, [sales]: full });
    await test(stage, [sales]);
    expect(await sent(stage, 'chat-kim')).toEqual(['edit']);
    expect(await ringOwed(stage, env)).toBe(0);
    await muteOwner(stage, env, 'kim', false);
    expect((await view(stage)).isMuted).toBe(false);
    answers(stage, { [kim]: full, [sales]: denied });
    await test(stage, [sales, kim]);
    answers(stage, { [kim]: full });
    await test(stage, [sales]);
    answers(stage, { [kim]: full, [sales]: full });
    await test(stage, [sales]);
    expect(await sent(stage, 'chat-kim')).toEqual(['new']);
  });

  it('stays the choice of whoever takes the app away and gets it back', async () => {
    const stage = await stageOf({ [kim]: full });
    await muteOwner(stage, env, 'kim', true);
    await closeConversation(stage, await stage.stored('conversation', 'chat-kim'), 'BotNotInConversationRoster');
    await review(stage);
    await install(stage, 'kim');
    await test(stage, [kim]);
    expect(await sent(stage, 'chat-kim')).toEqual([]);
    expect((await view(stage)).isMuted).toBe(true);
  });
});
