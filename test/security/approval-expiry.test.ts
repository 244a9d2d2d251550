import { afterEach, beforeEach, expect, test } from 'vitest';
import { followRequests } from '../../services/jobs/approval-watch.ts';
import { expiryAfterMs, type ApprovalRequest } from '../../services/model/approval-request.ts';
import { approvalStatus } from '../../services/model/mailbox.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { keyOf } from '../../services/storage/store.ts';
import { textOf, verbsOf } from '../cards/card-client.ts';
import { ApprovalChat, type Button } from '../conversation/approval-chat.ts';
import { ada, ben, eve, openStage, type Stage } from '../conversation/stage.ts';

/*
 * No card is live once its request has expired: neither the own card of somebody whose mailbox waits, nor a question or a
 * dialog of before. By its address an approver decides all the same.
 */

let stage: Stage;
let chat: ApprovalChat;
/** Eve has no role; it is her own. */
const own = 'eve@contoso.test';
const { pending, approved } = approvalStatus;

beforeEach(async () => {
  stage = await openStage();
  chat = new ApprovalChat(stage);
  for (const person of [ada, ben, eve]) await chat.say(person, 'help');
  await chat.say(ada, 'approvers here', 'channel');
  const { store } = stage.services;
  const { key, value } = await getEnvironment(store, stage.environmentId);
  const settings = { ...value.settings, selfApproval: true };
  await store.commit([{ kind: 'put', collection: 'environment', key, value: { ...value, settings } }]);
});
afterEach(() => stage.dispose());

/** The same request, and nobody has decided since `ago`. */
async function waitsSince(request: ApprovalRequest, ago: number): Promise<void> {
  const { store, clock } = stage.services;
  const requestedAt = clock.now() - ago;
  const value = { ...(await chat.now(request)), requestedAt, dueAt: requestedAt };
  await store.commit([
    { kind: 'put', collection: 'approvalRequest', key: keyOf(stage.environmentId, request.id), value },
  ]);
  await followRequests(stage.services, stage.environmentId);
}

/** The question that a bulk command has asked. */
async function question(): Promise<Button> {
  const [found] = await stage.services.store.query('bulkAction', { limit: 1 });
  if (found === undefined) throw new Error('no question');
  return found.value;
}

test('the own card of somebody whose mailbox waits loses its button, and an old copy of it decides nothing', async () => {
  const request = await chat.imported([own]);
  const before = await chat.posted(eve, 'own-mailbox');
  expect(verbsOf(before)).toEqual(['own-mailbox.approve']);
  await chat.delivered();
  const { revision } = (await stage.services.store.get('mailbox', keyOf(stage.environmentId, own)))?.value ?? {};
  if (revision === undefined) throw new Error('no mailbox');

  await waitsSince(request, expiryAfterMs);
  const after = await chat.posted(eve, 'own-mailbox');
  expect(verbsOf(after)).toEqual([]);
  expect(textOf(after)).toContain('nobody is asked about this mailbox any more');
  const late = await chat.click(eve, 'own-mailbox.approve', { id: own, revision }, { where: 'personal' });
  expect(late.words).toContain('nobody is asked about this mailbox any more');
  expect(await chat.states()).toEqual([pending]);
  expect(await chat.say(eve, `approve ${own}`)).toContain('You have approved your own mailbox');
});

test('a question about many decides about none whose request expired since, and one that is asked now does', async () => {
  const request = await chat.imported([own, 'x@contoso.test']);
  await chat.say(ben, 'approve all');
  const before = await question();
  await waitsSince(request, expiryAfterMs);
  const late = await chat.click(ben, 'bulk.confirm', before, { where: 'personal' });
  expect(late.words).toContain(`Left out: ${own}, x@contoso.test (changed meanwhile`);
  expect(await chat.states()).toEqual([pending, pending]);
  expect(await chat.say(ben, `approve ${own} x@contoso.test`)).toContain('2 mailboxes are approved');
  expect(await chat.states()).toEqual([approved, approved]);
});

test('a question about many that have expired before it was asked is one about what is shown', async () => {
  const request = await chat.imported([own, 'x@contoso.test']);
  await waitsSince(request, expiryAfterMs);
  // Also where a clock ran ahead then, and is right again.
  await waitsSince(request, 0);
  expect((await chat.now(request)).stage).toBe('expired');
  await chat.say(ben, 'approve all');
  await chat.click(ben, 'bulk.confirm', await question(), { where: 'personal' });
  expect(await chat.states()).toEqual([approved, approved]);
});

test.each(['', 'x'.repeat(501), 'too late'])(
  'a dialog of before comes back without its button, whatever is typed: %j',
  async (text) => {
    const request = await chat.imported([own, 'x@contoso.test']);
    expect(verbsOf((await chat.open(ben, 'approval.reject-dialog', request)).card)).toEqual(['approval.reject']);
    await waitsSince(request, expiryAfterMs);
    for (const [verb, input] of [
      ['approval.reject', 'reason'],
      ['approval.ask', 'question'],
    ] as const) {
      const late = await chat.type(ben, verb, request, { [input]: text });
      expect(late.words).toContain('This has changed meanwhile');
      expect(verbsOf(late.card)).toEqual([]);
    }
    expect(await chat.states()).toEqual([pending, pending]);
  },
);
