import { beforeEach, describe, expect, it } from 'vitest';
import { decideMailboxes, decideRequest } from '../../../services/approvals/decide-mailboxes.ts';
import { withdrawMailboxes, withdrawRequest } from '../../../services/approvals/withdraw-request.ts';
import { confirmBulkAction, planBulkAction } from '../../../services/mailboxes/bulk-actions.ts';
import { confirmImport } from '../../../services/mailboxes/confirm-import.ts';
import { planImport } from '../../../services/mailboxes/plan-import.ts';
import type { ApprovalRequest } from '../../../services/model/approval-request.ts';
import { approvalStatus } from '../../../services/model/mailbox.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { approvalStage, requestFor } from '../../support/approval-stage.ts';
import {
  abe,
  ada,
  adaChat,
  addresses,
  env,
  pia,
  refusal,
  stranger,
  type MailroomStage,
} from '../../support/mailroom-stage.ts';

const [one = '', two = '', three = ''] = addresses(3);
const all = [one, two, three];
const approved = { verdict: 'approved', reason: null } as const;
let stage: MailroomStage;
let request: ApprovalRequest;

beforeEach(async () => {
  stage = await approvalStage();
  request = await requestFor(stage, all);
  await stage.sendAll();
});

const withdraw = (of = request, actor = ada) => withdrawRequest(stage, env, actor, of.id, of.revision);
const approvals = async (): Promise<number[]> => (await stage.all('mailbox')).map(({ approval }) => approval);

describe('a request that is taken back', () => {
  it('is over in one commit: mailboxes, request, audit, cards', async () => {
    let commits = 0;
    stage.store.onCommit(() => (commits += 1));
    const { request: now } = await withdraw();
    expect(commits).toBe(1);
    expect(now).toMatchObject({
      total: 0,
      pending: 0,
      approved: 0,
      withdrawal: { by: 'Ada Admin', at: stage.clock.now(), count: 3 },
    });
    expect(await approvals()).toEqual([0, 0, 0]);
    expect(await stage.mailbox(one)).toMatchObject({ approvalRequestId: null, decidedBy: null });
    expect(await stage.audit('approval.withdrawn')).toMatchObject(
      all.map((address) => ({
        actorId: 'ada',
        subjects: [address],
        details: { request: request.id, askedBy: 'Ada Admin' },
      })),
    );
    expect(await stage.wishes()).toEqual(['approvers approval']);
  });

  it('leaves nothing live: no click decides, and no mailbox is tested', async () => {
    const { request: now } = await withdraw();
    for (const { id, revision } of [request, now])
      expect(await decideRequest(stage, env, pia, id, revision, 'all', approved)).toMatchObject({ stale: true });
    expect(await decideMailboxes(stage, env, pia, all, approved)).toMatchObject({ decided: [], notPending: all });
    const mailboxes = await stage.all('mailbox');
    const title = { kind: 'selection', text: 'all' } as const;
    expect(await refusal(startRun(stage, env, ada, adaChat, title, mailboxes))).toBe('run.nothing-to-test');
    expect(await approvals()).toEqual([0, 0, 0]);
    expect((await withdraw()).stale).toBe(true);
    expect(await stage.audit('approval.withdrawn')).toHaveLength(all.length);
  });

  it('is asked anew by the same import', async () => {
    await withdraw();
    const { id, rows } = await planImport(stage, env, abe, adaChat, all.join('\n'));
    expect(rows.map(({ verdict }) => verdict)).toEqual(['changed', 'changed', 'changed']);
    expect((await confirmImport(stage, env, abe, id, false)).pending).toBe(3);
    expect(await approvals()).toEqual([2, 2, 2]);
    const fresh = (await stage.all('approvalRequest')).find(({ importId }) => importId === id);
    expect(fresh).toMatchObject({ requestedBy: 'abe', total: 3, pending: 3 });
  });

  it('is no reason to ask where no approval is required any more', async () => {
    await withdraw();
    await stage.settings({ requireApprovalForUsers: false });
    const { rows } = await planImport(stage, env, abe, adaChat, all.join('\n'));
    expect(rows.map(({ verdict }) => verdict)).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });
});

describe('mailboxes that are taken back', () => {
  it('by address leave the others to the approvers, and the result says what did not wait', async () => {
    await decideMailboxes(stage, env, pia, [three], approved);
    expect(await withdrawMailboxes(stage, env, abe, [one.toUpperCase(), one, three])).toEqual({
      withdrawn: [one],
      notPending: [three],
    });
    const now = await stage.get('approvalRequest', request.id);
    expect(now).toMatchObject({ total: 2, pending: 1, approved: 1, withdrawal: { by: 'Abe Admin', count: 1 } });
    expect(await approvals()).toEqual([0, 2, 1]);
    expect((await decideRequest(stage, env, pia, now.id, now.revision, 'all', approved)).result?.decided).toEqual([
      two,
    ]);
  });

  it('by a filter are counted first, and a second yes finds it done', async () => {
    const action = await planBulkAction(stage, env, ada, 'withdraw', 'all');
    expect(action.mailboxIds).toEqual(all);
    await decideMailboxes(stage, env, pia, [one], approved);
    expect((await confirmBulkAction(stage, env, ada, action.id, adaChat)).count).toBe(2);
    expect(await approvals()).toEqual([approvalStatus.approved, 0, 0]);
    expect(await refusal(confirmBulkAction(stage, env, ada, action.id, adaChat))).toBe('bulk.over');
  });

  it('only by an admin', async () => {
    for (const actor of [pia, stranger]) {
      expect(await refusal(withdraw(request, actor))).toBe('access.denied');
      expect(await refusal(withdrawMailboxes(stage, env, actor, all))).toBe('access.denied');
      expect(await refusal(planBulkAction(stage, env, actor, 'withdraw', 'all'))).toBe('access.denied');
    }
    expect(await approvals()).toEqual([2, 2, 2]);
  });

  it('not at all when one of them is not known', async () => {
    expect(await refusal(withdrawMailboxes(stage, env, ada, [one, 'nobody@x.test']))).toBe('mailbox.unknown');
    expect(await approvals()).toEqual([2, 2, 2]);
  });
});

it('a withdrawal and a decision at the same instant: one of them counts, and the other learns it', async () => {
  const [mine, theirs] = await Promise.all([
    withdraw(),
    decideRequest(stage, env, pia, request.id, request.revision, 'all', approved),
  ]);
  expect([mine.stale, theirs.stale].filter((stale) => stale)).toHaveLength(1);
  expect(new Set(await approvals()).size).toBe(1);
});
