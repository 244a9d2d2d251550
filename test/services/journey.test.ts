import { expect, it } from 'vitest';
import { decideRequest } from '../../services/approvals/decide-mailboxes.ts';
import { confirmImport } from '../../services/mailboxes/confirm-import.ts';
import { planImport } from '../../services/mailboxes/plan-import.ts';
import { isEnabled } from '../../services/model/mailbox.ts';
import { DraftJourney, oauthDetails, searchedDetails } from '../support/draft-journey.ts';
import { ada, adaChat, addresses, env, inOrder, MailroomStage, password, pia } from '../support/mailroom-stage.ts';
import { noSuchMailbox, storeUnavailable } from '../support/scripted-exchange.ts';

type Between = (stage: MailroomStage) => Promise<void>;

/** The cards of each kind of profile, up to the form. */
const cards = {
  'a typed address': async (draft: DraftJourney) => void (await draft.details()),
  Autodiscover: async (draft: DraftJourney) => void (await draft.details(searchedDetails)),
  'Hybrid Modern Authentication': async (draft: DraftJourney, between: () => Promise<void>) => {
    await draft.details(oauthDetails);
    await between();
    await draft.modernAuth();
  },
};

/** From nothing to enabled mailboxes, optionally with a restart between any two steps. */
async function journey(between: Between, kind: keyof typeof cards = 'a typed address'): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  const [good = '', wrong = '', slow = ''] = addresses(3);
  await stage.subscribe('approvers', { approvals: true });
  await stage.subscribe('alerts', { alerts: 'all' });
  await between(stage);
  const draft = await DraftJourney.begin(stage);
  await cards[kind](draft, () => between(stage));
  await between(stage);
  const code = await draft.post();
  await between(stage);
  await draft.confirm(code);
  await between(stage);
  await stage.work();
  if (kind === 'Autodiscover') {
    await between(stage);
    await draft.say({ kind: 'use-server' });
    await between(stage);
    await stage.work();
  }
  await draft.save();
  await between(stage);
  const batch = await planImport(stage, env, ada, adaChat, [good, wrong, slow].join('\n'));
  await between(stage);
  await confirmImport(stage, env, ada, batch.id, true);
  await between(stage);
  const [request] = await stage.all('approvalRequest');
  if (request === undefined) throw new Error('nobody was asked');
  stage.exchange.answer = (address) => (address === wrong ? noSuchMailbox : address === slow ? storeUnavailable : null);
  await decideRequest(stage, env, pia, request.id, request.revision, 'all', { verdict: 'approved', reason: null });
  await between(stage);
  await stage.work();
  await between(stage);
  stage.exchange.answer = (address) => (address === wrong ? noSuchMailbox : null);
  stage.clock.advance(stage.retry.delayMs);
  await stage.work();
  return stage;
}

const trail = async (stage: MailroomStage): Promise<unknown[]> =>
  (await stage.audit()).map(({ kind, actorId }) => `${actorId} ${kind}`);

it('leaves a trail that says who did what, in order, and nothing secret (laws 3 and 4)', async () => {
  const stage = await journey(() => Promise.resolve());
  expect((await trail(stage)).slice(5)).toEqual([
    'ada subscription.changed',
    'ada subscription.changed',
    'ada credential.set',
    'ada credential.set',
    'ada profile.created',
    'ada approval.requested',
    'ada mailboxes.imported',
    // One for each mailbox.
    'pia approval.approved',
    'pia approval.approved',
    'pia approval.approved',
    'pia run.started',
    'system mailbox.enabled',
    'system mailbox.enabled',
  ]);
  const text = JSON.stringify(await stage.audit());
  expect(text).not.toContain(password);
  expect((await stage.audit()).every(({ environmentId, at }) => environmentId === env && at > 0)).toBe(true);
  // Nothing was broken on the way.
  expect(stage.lines.filter(({ level }) => level !== 'info')).toEqual([]);
});

it.each(Object.keys(cards) as (keyof typeof cards)[])(
  'ends the same with a restart between any two steps, with %s (law 4)',
  async (kind) => {
    const restarted = await journey((stage) => stage.reopen(), kind);
    const undisturbed = await journey(() => Promise.resolve(), kind);
    const state = async (stage: MailroomStage): Promise<unknown> => ({
      mailboxes: (await stage.all('mailbox')).map((mailbox) => [mailbox.address, mailbox.status, isEnabled(mailbox)]),
      incidents: inOrder((await stage.all('incident')).map(({ code, state, open }) => [code, state, open])),
      runs: (await stage.all('run')).map(({ state, done, succeeded, failed }) => [state, done, succeeded, failed]),
      wishes: await stage.wishes(),
      tests: inOrder(stage.exchange.tests.map(({ address, directions }) => [address, directions])),
      trail: await trail(stage),
    });
    expect(await state(restarted)).toEqual(await state(undisturbed));
    expect(await state(restarted)).toMatchObject({
      mailboxes: [
        ['user0001@contoso.test', 1, true],
        ['user0002@contoso.test', 2, false],
        ['user0003@contoso.test', 1, true],
      ],
      incidents: [
        ['ErrorMailboxStoreUnavailable', 'resolved', 0],
        ['ErrorNonExistentMailbox', 'open', 1],
      ],
      runs: [['completed', 3, 1, 2]],
      wishes: ['alerts incident', 'approvers approval', 'chat-ada draft', 'chat-ada import', 'chat-ada run'],
    });
  },
);
