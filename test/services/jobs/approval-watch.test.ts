import { describe, expect, it, onTestFinished } from 'vitest';
import { answerQuestion, askAboutRequest } from '../../../services/approvals/ask-requester.ts';
import { decideMailboxes, decideRequest } from '../../../services/approvals/decide-mailboxes.ts';
import { askAgain, withdrawRequest } from '../../../services/approvals/withdraw-request.ts';
import { recordConversation } from '../../../services/conversations/record-conversation.ts';
import { startApprovalWatch } from '../../../services/jobs/approval-watch.ts';
import { planImport } from '../../../services/mailboxes/plan-import.ts';
import type { ApprovalRequest } from '../../../services/model/approval-request.ts';
import { approvalStage, requestFor } from '../../support/approval-stage.ts';
import {
  abe,
  ada,
  adaChat,
  addresses,
  conversation,
  env,
  pia,
  type MailroomStage,
} from '../../support/mailroom-stage.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const approved = { verdict: 'approved', reason: null } as const;
const [one = '', two = ''] = addresses(2);

async function asked(count = 2): Promise<{ stage: MailroomStage; request: ApprovalRequest }> {
  const stage = await approvalStage();
  await recordConversation(
    stage.store,
    conversation('chat-abe', { kind: 'personal', aadObjectId: abe.aadObjectId }),
    stage.clock.now(),
  );
  const request = await requestFor(stage, addresses(count));
  await stage.sendAll();
  return { stage, request };
}

/** What runs in a process. */
async function running(stage: MailroomStage): Promise<{ pass(ms: number): Promise<void>; stop(): Promise<void> }> {
  const watch = startApprovalWatch(stage, env);
  const stop = (): Promise<void> => watch.stop();
  onTestFinished(stop);
  await watch.idle();
  return {
    stop,
    async pass(ms) {
      // The last look is at the end of the time that passes.
      for (const step of [Math.max(0, ms - minute), Math.min(ms, minute)]) {
        stage.clock.advance(step);
        await watch.idle();
      }
    },
  };
}

const posts = async (stage: MailroomStage): Promise<string[]> =>
  (await stage.all('intent'))
    .filter(({ placement }) => placement === 'repost')
    .map(({ conversationId, kind }) => `${conversationId} ${kind}`)
    .sort();

describe('a request that nobody decides about', () => {
  it('is posted again after a day, once, however many mailboxes it has', async () => {
    const { stage, request } = await asked(500);
    const process = await running(stage);
    await process.pass(day - minute);
    expect(await stage.all('intent')).toEqual([]);
    await process.pass(minute);
    expect(await posts(stage)).toEqual(['approvers approval']);
    expect(await stage.all('intent')).toHaveLength(1);
    expect(await stage.get('approvalRequest', request.id)).toMatchObject({
      stage: 'reminded',
      revision: request.revision,
    });
    await stage.sendAll();
    for (let hours = 0; hours < 40; hours += 1) await process.pass(hour);
    expect(await stage.all('intent')).toEqual([]);
    expect(await stage.audit('approval.reminded')).toMatchObject([{ actorId: 'system', details: { mailboxes: 500 } }]);
  });

  it('is one of many: each place gets one list, and no card a request', async () => {
    const stage = await approvalStage();
    for (const address of addresses(30)) await requestFor(stage, [address]);
    await stage.sendAll();
    await (await running(stage)).pass(day);
    expect(await stage.wishes('pending-list')).toEqual(['approvers pending-list']);
    expect(await stage.wishes('approval'), 'nor an edit of each').toEqual([]);
    expect((await stage.all('approvalRequest')).map(({ stage: reached }) => reached)).toEqual(
      Array.from({ length: 30 }, () => 'reminded'),
    );
  });

  it('is still decided by the card of before the reminder', async () => {
    const { stage, request } = await asked();
    await (await running(stage)).pass(day);
    expect((await decideRequest(stage, env, pia, request.id, request.revision, 'all', approved)).stale).toBe(false);
  });

  it('goes to the admins after three days', async () => {
    const { stage, request } = await asked();
    await (await running(stage)).pass(3 * day);
    expect(await posts(stage)).toEqual(['approvers approval', `${adaChat} approval`, 'chat-abe approval'].sort());
    expect((await stage.get('approvalRequest', request.id)).stage).toBe('escalated');
    expect(await stage.audit('approval.reminded')).toEqual([]);
    expect(await stage.audit('approval.escalated')).toHaveLength(1);
  });

  it('expires after thirty days: its mailboxes stay Pending, and whoever asked is told', async () => {
    const { stage, request } = await asked();
    const process = await running(stage);
    await process.pass(30 * day);
    expect(await posts(stage)).toEqual([`${adaChat} approval`]);
    expect(await stage.wishes('approval')).toEqual(['approvers approval', `${adaChat} approval`].sort());
    const over = await stage.get('approvalRequest', request.id);
    expect(over).toMatchObject({ stage: 'expired', pending: 2, dueAt: null, revision: request.revision + 1 });
    expect((await stage.all('mailbox')).map(({ approval }) => approval)).toEqual([2, 2]);
    await stage.sendAll();
    await process.pass(365 * day);
    expect(await stage.all('intent')).toEqual([]);
  });
});

describe('after the expiry no card is live', () => {
  it('neither one of before nor the last one', async () => {
    const { stage, request } = await asked();
    await (await running(stage)).pass(30 * day);
    const over = await stage.get('approvalRequest', request.id);
    for (const { id, revision } of [request, over]) {
      expect((await decideRequest(stage, env, pia, id, revision, 'all', approved)).stale).toBe(true);
      expect((await decideRequest(stage, env, pia, id, revision, [one], approved)).stale).toBe(true);
      expect((await askAboutRequest(stage, env, pia, id, revision, 'Why?')).stale).toBe(true);
      expect((await answerQuestion(stage, env, ada, id, revision, 'So.')).stale).toBe(true);
    }
    expect(await stage.get('approvalRequest', request.id)).toEqual(over);
  });

  it('an admin asks again, and only the new request decides', async () => {
    const { stage, request } = await asked();
    await (await running(stage)).pass(30 * day);
    await decideMailboxes(stage, env, pia, [one], approved);
    const over = await stage.get('approvalRequest', request.id);
    const again = () => askAgain(stage, env, abe, over.id, over.revision, 'chat-abe');
    expect((await again()).request).toMatchObject({ total: 1, pending: 0, approved: 1 });
    expect((await again()).stale).toBe(true);
    const fresh = (await stage.all('approvalRequest')).find(({ id }) => id !== request.id);
    expect(fresh).toMatchObject({ requestedBy: 'abe', total: 1, pending: 1, stage: 'open' });
    expect((await stage.mailbox(two)).approvalRequestId).toBe(fresh?.id);
    const decided = await decideRequest(stage, env, pia, fresh?.id ?? '', 1, 'all', approved);
    expect(decided.result?.decided).toEqual([two]);
  });

  it('a request that is live is not asked again', async () => {
    const { stage, request } = await asked();
    expect((await askAgain(stage, env, ada, request.id, request.revision, adaChat)).stale).toBe(true);
    expect(await stage.all('approvalRequest')).toHaveLength(1);
  });

  it('the same import asks again', async () => {
    const { stage } = await asked();
    expect((await planImport(stage, env, ada, adaChat, one)).rows[0]?.verdict).toBe('unchanged');
    await (await running(stage)).pass(30 * day);
    const fresh = await requestFor(stage, [one], abe);
    expect(fresh).toMatchObject({ total: 1, pending: 1 });
    const old = (await stage.all('approvalRequest')).find(({ id }) => id !== fresh.id);
    expect(old).toMatchObject({ total: 1, pending: 1, stage: 'expired' });
  });
});

describe('nobody is reminded', () => {
  it.each([
    ['of what is decided', (stage: MailroomStage) => decideMailboxes(stage, env, pia, [one, two], approved)],
    [
      'of what is taken back',
      (stage: MailroomStage, { id, revision }: ApprovalRequest) => withdrawRequest(stage, env, ada, id, revision),
    ],
  ])('%s', async (_, act) => {
    const { stage, request } = await asked();
    await act(stage, request);
    await stage.sendAll();
    const process = await running(stage);
    for (let days = 0; days < 40; days += 1) await process.pass(day);
    expect(await stage.all('intent')).toEqual([]);
    expect((await stage.get('approvalRequest', request.id)).stage).toBe('open');
  });

  it('twice after a restart; what fell due meanwhile comes once, as what it is by now', async () => {
    const { stage, request } = await asked();
    const before = await running(stage);
    await before.pass(day);
    await before.stop();
    await stage.sendAll();
    await stage.reopen();
    await (await running(stage)).pass(0);
    expect(await stage.all('intent')).toEqual([]);
    stage.clock.advance(40 * day);
    await (await running(stage)).pass(0);
    expect((await stage.get('approvalRequest', request.id)).stage).toBe('expired');
    expect((await stage.audit()).filter(({ actorId }) => actorId === 'system').map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['approval.reminded', 'approval.expired']),
    );
    expect(await stage.audit('approval.escalated')).toEqual([]);
  });
});
